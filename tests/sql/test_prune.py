"""What boxoffice-prune deletes and what it must keep."""
import pytest

from season import Season, new
from test_batches import World, run

AGO = "clock_timestamp() - make_interval(secs => %s)"
DAY = 86400


@pytest.fixture(scope='module')
def copy(stack):
    with World(stack, 'prune') as copy:
        yield copy


@pytest.fixture
def prune(stack, copy):
    def once(status=0, **batch):
        assert run(stack, 'boxoffice-prune', copy.host('a', **batch))[0] == status
    return once


@pytest.fixture
def season(copy):
    season = Season(copy)
    yield season
    season.app.close()


def sign_up(season, email, age_s, is_claimed):
    user = new()
    assert season.call('account.user_create', user, email, 'x', 'Somebody', None, None)[0] == 'created'
    if is_claimed:
        assert season.call('directory.email_claim', email, user)[0] == 'ok'
    for table in ('users', 'signups'):
        season.db.rows(f'UPDATE account.{table} SET created_at = {AGO} WHERE user_id = %s', age_s, user)
    return user


def test_accounts_without_a_claim_go_after_a_day(copy, season, prune):
    claimed = sign_up(season, 'Claimed@Example.org', 2 * DAY, True)
    refused = sign_up(season, 'claimed@example.org', 2 * DAY, False)
    young = sign_up(season, 'young@example.org', DAY - 60, False)
    known = sign_up(season, 'known@example.org', 2 * DAY, False)
    rich = sign_up(season, 'rich@example.org', 2 * DAY, False)
    assert season.call('account.session_open', known, new(), b'1', None, 1000)[0] == 'ok'
    assert season.call('account.wallet_charge', rich, 5, '/charges', 'k', b'x', None)[0] == 'created'
    prune()
    users = [claimed, refused, young, known, rich]
    left = {row[0] for row in copy.rows('SELECT user_id FROM account.users WHERE user_id = ANY (%s::uuid[])', users)}
    assert left == {claimed, young, known, rich}, 'who has logged in or has money is never deleted'
    assert copy.value('SELECT count(*) FROM account.wallets WHERE user_id = %s', refused) == 0
    assert copy.rows('SELECT user_id FROM account.signups WHERE user_id = ANY (%s::uuid[])', users) == [(young,)]
    assert copy.value("SELECT count(*) FROM log.event_log WHERE kind = 'user.deleted' AND entity = %s", str(refused)) == 1


def session(season, user, opened_s, ttl_s, revoked_s=None):
    """Opened so long ago, its tokens with so long to live; perhaps ended."""
    number = new()
    assert season.call('account.session_open', user, number, number.bytes, None, ttl_s)[0] == 'ok'
    if revoked_s is not None:
        assert season.call('account.session_close', user, number, 900)[0] == 'ok'
        season.db.rows(f'UPDATE account.sessions SET revoked_at = {AGO} WHERE session_id = %s', revoked_s, number)
        season.db.rows(f"UPDATE account.revocations SET until = {AGO} WHERE session_id = %s", revoked_s - 960, number)
    season.db.rows(f'UPDATE account.sessions SET created_at = {AGO} WHERE session_id = %s', opened_s, number)
    season.db.rows('UPDATE account.refresh_tokens SET expires_at = expires_at - make_interval(secs => %s) WHERE session_id = %s',
                   opened_s, number)
    return number


def test_sessions_go_when_they_have_been_over_for_a_day(copy, season, prune):
    user = season.users[0]
    live = session(season, user, 20 * DAY, 30 * DAY)
    expired = session(season, user, 32 * DAY, 30 * DAY)
    just_expired = session(season, user, 30 * DAY + 3600, 30 * DAY)
    ended = session(season, user, 5 * DAY, 30 * DAY, revoked_s=2 * DAY)
    just_ended = session(season, user, 5 * DAY, 30 * DAY, revoked_s=10)
    season.db.rows(f"""INSERT INTO account.refresh_tokens SELECT user_id, session_id, '\\x99', {AGO}, {AGO}
        FROM account.sessions WHERE session_id = %s""", 40 * DAY, 10 * DAY, live)

    def numbers(table):
        return {row[0] for row in copy.rows(f'SELECT session_id FROM account.{table} WHERE session_id = ANY (%s::uuid[])',
                                            [live, expired, just_expired, ended, just_ended])}
    assert len(numbers('sessions')) == len(numbers('refresh_tokens')) == 5
    prune(prune_batch=1)
    assert numbers('sessions') == numbers('refresh_tokens') == {live, just_expired, just_ended}
    assert numbers('revocations') == {just_ended}, 'as long as it refuses an access token'
    assert copy.value('SELECT count(*) FROM account.refresh_tokens WHERE session_id = %s', live) == 1, 'the old one went'
    assert season.call('account.session_refresh', user, live, live.bytes, b'2', 1000, 900)[0] == 'ok'
    for gone in (expired, ended):
        assert season.call('account.session_refresh', user, gone, gone.bytes, b'2', 1000, 900)[0] == 'refresh_invalid'


def test_holds_without_an_order_go_a_day_after_their_end(copy, season, prune):
    show = season.shows[1]

    def ended(what, age_s):
        bought = season.buy(what, show=show, count=1)
        assert season.call('show.hold_release', show, bought['hold'], bought['user'], None)[0] == 'ok'
        copy.rows(f'UPDATE show.holds SET ended_at = {AGO} WHERE hold_id = %s', age_s, bought['hold'])
        return bought['hold']

    def left(holds, condition='true'):
        return {row[0] for row in copy.rows(f'SELECT hold_id FROM show.holds WHERE hold_id = ANY (%s::uuid[]) AND {condition}', holds)}
    kept = [season.buy(what, show=show, count=1)['hold'] for what in ('paid', 'ordered', 'held')]
    old, young = [ended('held', DAY + 60) for _ in range(3)], [ended('held', DAY - 60)]
    ordered = [ended('ordered', DAY + 60) for _ in range(3)]
    prune(prune_batch=2)
    assert left(kept + old + young + ordered) == set(kept + young + ordered)
    assert left(young + ordered, 'isfinite(ended_at)') == set(young), 'what has an order is looked at once'


def test_failed_log_ins_are_counted_as_long_as_their_window_lasts(copy, season, prune):
    season.call('directory.login_failed', 'old@example.org', 300)
    season.db.rows(f'UPDATE directory.login_failures SET window_from = {AGO}', 301)
    for _ in range(2):
        season.call('directory.login_failed', 'new@example.org', 300)
    prune()
    assert copy.rows('SELECT failures FROM directory.login_failures') == [(2,)]


def test_addresses_of_log_ins_go_after_30_days(copy, season, prune):
    user = season.users[0]
    for name in (b'home', b'office'):
        assert season.call('account.session_open', user, new(), b'1', None, 1000, 7776000, 900, 9, None, None, name)[0] == 'ok'
    season.db.rows("UPDATE account.login_addresses SET good_at = good_at - interval '30 days' WHERE address_hash = 'home'")
    prune()
    assert [bytes(row[0]) for row in copy.rows('SELECT address_hash FROM account.login_addresses')] == [b'office']


def test_halls_of_no_show_are_free_again(copy, prune):
    slots = copy.rows('SELECT show_id FROM directory.show_slots ORDER BY show_id')
    orphan = """INSERT INTO directory.show_slots SELECT %s, hall_id, tstzrange(now() + interval '900 days', now() + interval '901 days')
        FROM directory.show_slots ORDER BY show_id LIMIT 1"""
    copy.rows(orphan, 987654)
    prune(prune_batch=7)
    assert copy.rows('SELECT show_id FROM directory.show_slots ORDER BY show_id') == slots
    copy.rows(orphan, 987655)
    copy.rows('DELETE FROM directory.show_slots WHERE show_id = 987655')


def test_a_hall_taken_for_a_show_that_was_cancelled_meanwhile_is_free_again(copy, season, prune):
    """By a move that had read the show before, and died. The relay has been there already."""
    show = copy.value('SELECT show_id FROM show.shows WHERE published_at IS NOT NULL AND ends_at > now() ORDER BY show_id DESC LIMIT 1')
    slot = 'SELECT hall_id, lower(during), upper(during) FROM directory.show_slots WHERE show_id = %s'
    hall = copy.rows(slot, show)[0]
    assert season.call('show.show_cancel', show, new(), 'flood', None)[0] == 'ok'
    assert season.call('directory.slot_free', show)[0] == 'ok'
    assert season.call('directory.slot_add', show, new(), *hall)[0] == 'ok'
    prune()
    assert copy.rows(slot, show) == []


def test_a_show_that_moves_has_both_its_halls_until_the_request_must_be_dead(copy, prune):
    show = copy.value('SELECT show_id FROM show.shows WHERE published_at IS NOT NULL ORDER BY show_id LIMIT 1')
    slots = 'SELECT during, show_id FROM directory.show_slots ORDER BY show_id, during'
    before = copy.rows(slots)
    copy.rows("""INSERT INTO directory.show_slots (show_id, hall_id, during)
        SELECT show_id, hall_id, tstzrange(now() + interval '902 days', now() + interval '903 days')
        FROM directory.show_slots WHERE show_id = %s""", show)
    prune(prune_batch=7)
    assert len(copy.rows(slots)) == len(before) + 1
    copy.rows(f'UPDATE directory.show_slots SET taken_at = {AGO} WHERE show_id = %s', 600, show)
    prune(prune_batch=7)
    assert copy.rows(slots) == before


def test_a_part_that_fails_keeps_the_others_from_nothing(copy, season, prune):
    season.call('directory.login_failed', 'old@example.org', 300)
    season.db.rows(f'UPDATE directory.login_failures SET window_from = {AGO}', 301)
    function = 'FUNCTION show.idempotency_prune(int[], int, int)'
    season.buy('paid')
    season.db.rows("UPDATE show.idempotency SET created_at = created_at - interval '2 days'")
    copy.rows(f'REVOKE EXECUTE ON {function} FROM boxoffice_batch, PUBLIC')
    try:
        prune(status=1)
        assert copy.value('SELECT count(*) FROM directory.login_failures') == 0
        assert copy.value('SELECT count(*) FROM show.idempotency WHERE status IS NOT NULL') > 0
    finally:
        copy.rows(f'GRANT EXECUTE ON {function} TO boxoffice_batch')
    prune()
    assert copy.value('SELECT count(*) FROM show.idempotency WHERE status IS NOT NULL') == 0


# --- the event log

def make_day(copy, days):
    name = copy.value("SELECT 'event_log_' || to_char((now() AT TIME ZONE 'UTC')::date - %s, 'YYYYMMDD')", days)
    copy.rows(f"""DO $$ DECLARE d timestamptz := ((now() AT TIME ZONE 'UTC')::date - {days})::timestamp AT TIME ZONE 'UTC'; BEGIN
        EXECUTE format('CREATE TABLE log.{name} PARTITION OF log.event_log FOR VALUES FROM (%L) TO (%L)', d, d + interval '1 day');
        END $$""")
    add(copy, days)
    return name


def add(copy, days):
    copy.rows("INSERT INTO log.event_log (home, entity, kind, payload, at) SELECT 'account', 'x', 'old', '{}',"
              " (now() AT TIME ZONE 'UTC')::date::timestamp AT TIME ZONE 'UTC' - make_interval(days => %s, hours => -3)", days)


def read_all(copy, consumer):
    copy.rows("""INSERT INTO log.cursors (consumer, from_xmin, to_xmin) SELECT %s, x, x FROM pg_snapshot_xmin(pg_current_snapshot()) AS x
        ON CONFLICT (consumer) DO UPDATE SET from_xmin = excluded.from_xmin, to_xmin = excluded.to_xmin""", consumer)


def days_there(copy, names):
    return [name for name in names if copy.value('SELECT to_regclass(%s)', f'log.{name}')]


def test_days_of_the_log_go_when_old_and_read_by_everybody(copy, prune):
    consumers = [row[0] for row in copy.rows('SELECT consumer FROM log.cursors')] + ['slow']
    for consumer in consumers:
        read_all(copy, consumer)
    old = [make_day(copy, days) for days in (9, 8, 7)]
    young = make_day(copy, 6)
    prune(events_keep_days=6)
    assert days_there(copy, old) == old, 'nobody has read them'
    for consumer in consumers[:-1]:
        read_all(copy, consumer)
    prune(events_keep_days=6)
    assert days_there(copy, old) == old, 'one has not read them'
    read_all(copy, 'slow')
    add(copy, 7)
    prune(events_keep_days=6)
    assert days_there(copy, old) == [old[2]], 'one has not read all of it'
    read_all(copy, 'slow')
    copy.rows("UPDATE log.cursors SET to_xmin = '4611686018427387904', from_xmin = '4611686018427387904'")
    prune(events_keep_days=6)
    assert days_there(copy, old) == [old[2]], 'they have read another database'
    copy.rows('DELETE FROM log.cursors')
    prune(events_keep_days=6)
    assert days_there(copy, old) == [old[2]], 'nobody reads'
    for consumer in consumers:
        read_all(copy, consumer)
    prune(events_keep_days=6)
    assert days_there(copy, [*old, young]) == [young]
    prune(events_keep_days=5)
    assert days_there(copy, [young]) == []


def test_a_day_that_is_written_to_is_not_dropped(copy, prune):
    """By a transaction that no reader can see yet: what the readers have read says nothing about it."""
    name = make_day(copy, 50)
    writer = copy.connect()
    writer.autocommit = False
    writer.cursor().execute("INSERT INTO log.event_log (home, entity, kind, payload, at)"
                            f" SELECT 'account', 'x', 'late', '{{}}', at FROM log.{name} LIMIT 1")
    for consumer in [row[0] for row in copy.rows('SELECT consumer FROM log.cursors')]:
        read_all(copy, consumer)
    prune()
    assert days_there(copy, [name]) == [name]
    writer.commit()
    writer.close()
    prune()
    assert days_there(copy, [name]) == [name], 'and now it is to be read'
    for consumer in [row[0] for row in copy.rows('SELECT consumer FROM log.cursors')]:
        read_all(copy, consumer)
    prune()
    assert days_there(copy, [name]) == []


@pytest.mark.parametrize('role', ['app', 'read'])
def test_only_batches_drop_days(copy, role):
    with pytest.raises(Exception, match='permission denied'):
        copy.rows('SELECT log.partition_drop(1)', role=role)
