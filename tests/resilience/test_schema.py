"""Programs that were started before the schema was migrated for them."""
import json

import pytest

from wait import wait_for

MONEY = 1000000


def lines_of(stack, proc, word):
    """Lines of our programs' log with that word, of one kind of process."""
    with open(stack.log_path('boxoffice')) as file:
        lines = [json.loads(line) for line in file]
    return [line for line in lines if line.get('proc') == proc and word in line['msg']]


@pytest.fixture
def older(stack, world, api):
    """older(): the schema as it was one migration ago, with our programs started on it; the call that migrates is returned."""
    row, back = None, 'INSERT INTO ops.migrations SELECT * FROM jsonb_populate_record(NULL::ops.migrations, %s)'

    def migrate():
        nonlocal row
        if row:
            world.sql(back, row)
        row = None

    def begin():
        nonlocal row
        for name in ('boxofficed', 'relay'):
            stack.stop(name)
        row = world.sql('DELETE FROM ops.migrations WHERE version = (SELECT max(version) FROM ops.migrations)'
                        ' RETURNING to_jsonb(migrations)::text')[0][0]
        for name in ('boxofficed', 'relay'):
            stack.start(name)
        return migrate
    yield begin
    migrate()
    wait_for(lambda: api.get('/api/me', token=world.admin.token).status == 200, 5, 'tokens are judged again')


def test_programs_started_on_an_older_schema_refuse_until_it_is_migrated_and_then_serve(stack, world, api, workers, older):
    user, show = world.user(balance=MONEY), world.show()
    requests = ('/readyz', '/api/events?q=anything', f'/api/shows/{show["id"]}/availability', '/api/me')
    migrate = older()
    wait_for(lambda: workers() and lines_of(stack, 'mirror', 'db migrate'), 5, 'it is said at the start')
    pids = workers()
    for _ in range(2):
        for path in requests:
            answer = api.get(path, token=user.token)
            assert (answer.status, answer.code) == (503, 'unavailable') and int(answer.headers['Retry-After']) >= 1, path
    answer = api.post('/api/auth/login', {'email': 'a@example.org', 'password': 'long enough'})
    assert (answer.status, answer.code) == (503, 'unavailable')
    assert api.get('/healthz').status == 200
    migrate()
    wait_for(lambda: api.get('/readyz').status == 200, 3, 'it is ready once migrated')
    wait_for(lambda: api.post(f'/api/shows/{show["id"]}/holds', {'seats': [0]}, token=user.token).status == 201, 3,
             'seats are sold again')
    assert sorted(workers()) == sorted(pids), 'nothing was restarted'
    assert len(lines_of(stack, 'mirror', 'db migrate')) == 1, 'it was said once'


def test_the_relay_waits_for_the_schema(stack, world, api, older):
    user, show = world.user(balance=MONEY), world.show()
    said, led = (len(lines_of(stack, 'relay', word)) for word in ('db migrate', 'leads'))
    migrate = older()
    wait_for(lambda: len(lines_of(stack, 'relay', 'db migrate')) == said + 1, 5, 'it says what it waits for')
    pid = stack.pid('relay')
    migrate()
    wait_for(lambda: len(lines_of(stack, 'relay', 'leads')) == led + 1, 5, 'it leads once the schema is there')
    assert stack.pid('relay') == pid and len(lines_of(stack, 'relay', 'db migrate')) == said + 1
    world.buy(user, show, [0])
    wait_for(lambda: len(api.get('/api/me/orders?state=paid', token=user.token).json()['items']) == 1, 10, 'lists are kept')


@pytest.mark.parametrize('job', ['release-holds', 'settle-payments', 'open-close-shows', 'prune'])
def test_a_job_leaves_an_older_schema_alone(stack, older, job):
    """With one line and success: cron starts it again in a minute."""
    migrate = older()
    done = stack.run(f'boxoffice-{job}', '--for', '50')
    assert (done.returncode, done.stderr) == (0, '') and done.stdout.count('\n') == 1 and 'db migrate' in done.stdout
    migrate()
    assert stack.run(f'boxoffice-{job}').stdout == ''


def test_a_command_on_an_older_schema_has_the_number_of_one(stack, older):
    older()
    done = stack.run('boxofficectl', 'payments', 'stuck', check=False)
    assert done.returncode == 3 and 'db migrate' in done.stderr and done.stderr.count('\n') == 1
