"""Pages for people who write clients: the routes, and what each code means."""
import html.parser
import re

import pytest


class Page(html.parser.HTMLParser):
    """What a browser would follow, and whether every tag is closed."""

    VOID = {'meta', 'link'}

    def __init__(self, answer):
        super().__init__()
        self.links, self.open, self.text = [], [], ''
        self.feed(answer.body.decode())
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.links += [value for name, value in attrs if name == 'href']
        assert not any(name.startswith('on') or name == 'style' for name, _ in attrs)
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


def page_of(api, path):
    answer = api.get(path)
    assert answer.status == 200 and answer.headers['Content-Type'] == 'text/html; charset=utf-8'
    assert answer.headers['Content-Security-Policy'].startswith("default-src 'none'")
    return Page(answer)


def test_the_page_of_routes_has_every_route_of_openapi(api):
    page = page_of(api, '/api/')
    paths = api.get('/api/openapi.json').json()['paths']
    assert len(paths) > 20
    for path, operations in paths.items():
        for method in operations:
            assert f'{method.upper()} {path}' in page.text


@pytest.mark.parametrize('path', ['/api/', '/problems/', '/problems/seats_taken'])
def test_every_link_of_a_page_leads_somewhere(api, path):
    page = page_of(api, path)
    assert '/problems/style.css' in page.links
    for link in set(page.links):
        assert api.get(link).status == 200, link


def test_the_type_of_a_problem_is_a_page_about_it(api, world, show, buyer, other):
    world.hold(buyer, show, [1])
    problem = api.post(f'/api/shows/{show["id"]}/holds', {'seats': [1]}, token=other.token).json()
    assert problem['type'] == '/problems/seats_taken'
    page = page_of(api, problem['type'])
    assert problem['title'] in page.text and 'status 409' in page.text
    assert 'POST /api/shows/{id}/holds' in page.text


def test_every_code_says_what_to_do(api):
    page = page_of(api, '/problems/')
    codes = [link.split('/')[-1] for link in page.links if re.fullmatch('/problems/[a-z_]+', link)]
    assert len(codes) == len(set(codes)) > 40
    for code in codes:
        text = page_of(api, f'/problems/{code}').text
        assert re.search(r'status \d+\s+\S.{20,}\.', text), code


@pytest.mark.parametrize('path', ['/problems', '/problems/none', '/problems/SEATS_TAKEN', '/problems/seats_taken/',
                                  '/problems/../api/', '/problems/%3Cscript%3E', '/problems/seats_takenx', '/problems/seats_take'])
def test_no_other_page(api, path):
    answer = api.get(path)
    assert answer.status == 404 and answer.headers['Content-Type'] == 'application/problem+json'
