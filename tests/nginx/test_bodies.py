"""What passes to a worker by its size, and what the cache keeps of layouts."""
import json
import os

import pytest

from front import ask, check_problem, send, served
from world import SECTIONS

MIB = 1024 * 1024
LAYOUTS = '/api/admin/layouts'


def bearer(token='a.b.c'):
    return {'Authorization': f'Bearer {token}', 'Content-Type': 'application/json'}


def post(stack, path, size, **headers):
    return ask(stack, path, method='POST', body=b' ' * size, **headers)


def test_a_layout_of_a_token_may_have_8_mib(stack, world):
    hall = world.hall()
    text = json.dumps({'hall_id': hall['id'], 'sections': SECTIONS}).encode()
    made = ask(stack, LAYOUTS, method='POST', body=text.ljust(8 * MIB), **bearer(world.admin.token))
    assert made.status == 201, made.body
    check_problem(post(stack, LAYOUTS, 8 * MIB + 1, **bearer(world.admin.token)), 'body_too_large')


@pytest.mark.parametrize('headers', [{}, {'Authorization': ''}, {'Authorization': 'Bearer'}, {'Authorization': 'Bearer '},
                                     {'Authorization': 'Basic YTpi'}])
def test_without_a_token_a_layout_is_as_small_as_anything(stack, headers):
    check_problem(post(stack, LAYOUTS, MIB + 1, **headers), 'body_too_large')
    answer = post(stack, LAYOUTS, 100, **headers)
    assert (answer.status, json.loads(answer.body)['code']) == (401, 'unauthenticated'), 'a worker says it'
    assert ask(stack, LAYOUTS).status == 405


@pytest.mark.parametrize('path', ['/api/admin/layouts/', '/api/admin/venues', '/api/admin/layouts/1', '/api/test/echo', '/api/auth/login'])
def test_elsewhere_a_token_makes_no_body_larger(stack, path):
    check_problem(post(stack, path, MIB + 1, **bearer()), 'body_too_large')


def test_the_page_for_layouts_without_a_token_is_nobodys_address(stack):
    check_problem(ask(stack, '/.without-token'), 'not_found')


def kept(stack):
    """Answers that lie in the cache."""
    return sum(len(files) for _, _, files in os.walk(f'{stack.cache}/nginx'))


@pytest.fixture
def layout(world):
    return f'/api/layouts/{world.hall()["layout_id"]}'


ROUTE = 'GET /api/layouts/{id}'


def test_an_argument_makes_no_further_copy_of_a_layout(stack, layout):
    assert ask(stack, layout).status == 200
    before, asked = kept(stack), served(stack, ROUTE)
    same = [ask(stack, layout + tail) for tail in ('', '?', '?&', '?&&&')]
    assert {answer.status for answer in same} == {200} and served(stack, ROUTE) == asked, 'one answer serves them'
    for number in range(20):
        answer = ask(stack, f'{layout}?x={number}')
        assert (answer.status, json.loads(answer.body)['code']) == (422, 'validation_failed'), 'a worker says so, cached or not'
    for odd in (layout.replace('layouts', 'l%61youts'), layout.replace('/layouts/', '//layouts/'), f'{layout}?form=nothing',
                f'{layout}?form=%72ows'):
        ask(stack, odd)
    assert kept(stack) <= before


def test_the_forms_of_a_layout_are_kept_apart(stack, layout):
    """A worker knows no form yet and refuses each, so what is kept for none must not answer for one."""
    plain, rows = ask(stack, layout), ask(stack, f'{layout}?form=rows')
    assert plain.status == 200
    assert rows.status == 422 or rows.body != plain.body


@pytest.mark.parametrize('path', ['/api/me', LAYOUTS, '/.problem/400', '/.without-token'])
def test_a_body_that_is_too_large_in_pieces_is_a_problem_too(stack, path):
    size = 8 * MIB + 1
    head = f'POST {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer x\r\nTransfer-Encoding: chunked\r\n\r\n'
    answer = send(stack, f'{head}{size:x}\r\n'.encode() + b' ' * size + b'\r\n0\r\n\r\n')
    check_problem(answer, 'body_too_large' if path.startswith('/api') else 'not_found')
