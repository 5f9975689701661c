"""What a refresh token is worth when it comes again. Tokens are named by letters; `>` makes a successor: "a>b" presents a, and the
program has b ready. Time passes by moving the rows."""
import pytest

from season import new

ACCESS_S, REFRESH_S, SESSION_S = 900, 2592000, 7776000
WINDOW_S = 10


class Family:
    """A session of a user of its own, with its first token "a"."""

    def __init__(self, season, **options):
        self.season = season
        self.user, self.session = new(), new()
        assert season.call('account.user_create', self.user, f'{self.user}@example.org', 'x', 'Ann', None, None)[0] == 'created'
        self.open(self.session, 'a', **options)

    def open(self, session, token, most=100, address=None, agent=None):
        outcome, result = self.season.call('account.session_open', self.user, session, token.encode(), None, REFRESH_S, SESSION_S,
                                           ACCESS_S, most, address, agent)
        assert outcome == 'ok', outcome
        return result

    def refresh(self, old, fresh, most=60, session_ttl_s=SESSION_S):
        return self.season.call('account.session_refresh', self.user, self.session, old.encode(), fresh.encode(), REFRESH_S, ACCESS_S,
                                session_ttl_s, most, None, None)

    def pass_time(self, seconds):
        for table, columns in (('refresh_tokens', ('issued_at', 'expires_at', 'used_at')),
                               ('sessions', ('created_at', 'used_at', 'refreshes_from'))):
            self.season.db.rows(f'UPDATE account.{table} SET ' + ', '.join(
                f'{name} = {name} - make_interval(secs => %s)' for name in columns) + ' WHERE session_id = %s',
                *[seconds] * len(columns), self.session)

    def tokens(self, condition='true'):
        rows = self.season.db.rows(f"""SELECT convert_from(token_hash, 'UTF8') FROM account.refresh_tokens
            WHERE session_id = %s AND {condition}""", self.session)
        return ''.join(sorted(row[0] for row in rows))

    @property
    def unused(self):
        return self.tokens('used_at IS NULL')

    @property
    def is_over(self):
        return self.season.db.value('SELECT revoked_at IS NOT NULL FROM account.sessions WHERE session_id = %s', self.session)

    @property
    def is_refused(self):
        """Its access tokens."""
        return self.season.db.value('SELECT count(*) FROM account.revocations WHERE session_id = %s', self.session) == 1

    def play(self, steps):
        """The outcome of the last of "a>b 11 a>c": a number is a time in seconds."""
        outcome = None
        for step in steps.split():
            if '>' in step:
                outcome = self.refresh(*step.split('>'))[0]
            else:
                self.pass_time(float(step))
        return outcome


# name, what happens, the outcome of the last refresh, the unused tokens then; "" with refresh_invalid: the family is over
TABLE = [
    ('the first use', 'a>b', 'ok', 'b'),
    ('a chain of uses', 'a>b b>c c>d', 'ok', 'd'),
    ('a chain over days', 'a>b 86400 b>c 864000 c>d', 'ok', 'd'),
    ('the program asks again', 'a>b a>b', 'ok', 'b'),
    ('the program asks again much later', 'a>b 100 a>b', 'ok', 'b'),
    ('a second tab', 'a>b a>c', 'ok', 'bc'),
    ('a second tab that took its time', 'a>b 8 a>c', 'ok', 'bc'),
    ('a moment too late for a second tab', 'a>b 10 a>c', 'ok', 'c'),
    ('four tabs', 'a>b a>c a>d a>e', 'ok', 'bcde'),
    ('a fifth tab', 'a>b a>c a>d a>e a>f', 'rate_limited', 'bcde'),
    ('the window is that of the first use', 'a>b 6 a>c 6 a>d', 'ok', 'd'),
    ('both tabs go on', 'a>b a>c b>d c>e', 'ok', 'de'),
    ('both tabs go on for long', 'a>b a>c 900 b>d 900 c>e 900 d>f 900 e>g', 'ok', 'fg'),
    ('a lost answer', 'a>b 60 a>c', 'ok', 'c'),
    ('a lost answer after the night', 'a>b 30000 a>c', 'ok', 'c'),
    ('two lost answers', 'a>b 60 a>c 60 a>d', 'ok', 'd'),
    ('two tabs that come back from a lost answer', 'a>b 60 a>c a>d', 'ok', 'cd'),
    ('the answer of a second tab lost', 'a>b a>c b>d 60 c>e 60 c>f', 'ok', 'df'),
    ('a successor was used', 'a>b b>c a>d', 'refresh_invalid', ''),
    ('a successor was used, later', 'a>b b>c 60 a>d', 'refresh_invalid', ''),
    ('one of two successors was used', 'a>b a>c c>d a>e', 'refresh_invalid', ''),
    ('a grandchild was used', 'a>b b>c c>d a>e', 'refresh_invalid', ''),
    ('the successor of a lost answer, which is void', 'a>b 60 a>c b>d', 'refresh_invalid', ''),
    ('a void token after its heir was used', 'a>b 60 a>c c>d b>e', 'refresh_invalid', ''),
    ('a void second tab', 'a>b a>c 60 a>d c>e', 'refresh_invalid', ''),
    ('a secret that was never given', 'x>y', 'refresh_invalid', ''),
    ('a good token after a theft', 'a>b x>y b>c', 'refresh_invalid', ''),
    ('an expired token', f'{REFRESH_S} a>b', 'refresh_invalid', 'a'),
    ('a token a moment before it expires', f'{REFRESH_S - 20} a>b', 'ok', 'b'),
]


@pytest.mark.parametrize('steps, outcome, unused', [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_a_refresh_token_is_worth(season, steps, outcome, unused):
    family = Family(season)
    assert family.play(steps) == outcome
    is_over = outcome == 'refresh_invalid' and not unused
    assert (family.is_over, family.is_refused) == (is_over, is_over)
    if not is_over:
        assert family.unused == unused
        family.pass_time(1000)
        if outcome == 'ok':
            # Each of them is good, the one after the other.
            for token in unused:
                assert family.refresh(token, token.upper())[0] == 'ok', token
            assert family.unused == unused.upper()


def test_a_fifth_tab_is_told_when_to_come_again(season):
    family = Family(season)
    family.play('a>b a>c a>d a>e 4')
    outcome, result = family.refresh('a', 'f')
    assert outcome == 'rate_limited' and 1 <= result['retry_after_s'] <= 6


def test_tabs_that_were_closed_make_room_for_those_that_are_open(season):
    """One storage for all tabs: of two that refresh at once, one's token is kept by nobody."""
    family = Family(season)
    token = 'a'
    for number in range(30):
        family.pass_time(900)
        kept, lost = f'k{number}', f'l{number}'
        assert family.refresh(token, lost)[0] == family.refresh(token, kept)[0] == 'ok', number
        token = kept
        count = family.season.db.value('SELECT count(*) FROM account.refresh_tokens WHERE session_id = %s', family.session)
        assert count <= 8
    assert not family.is_over
    assert family.refresh('l3', 'y')[0] == 'refresh_invalid' and family.is_over, 'it had made room, so it is void'


def test_an_old_token_whose_heir_made_room_gives_no_other(season):
    family = Family(season)
    # b, c: two tabs; b refreshes and its answer is lost, so d lies unused.
    family.play('a>b a>c b>d')
    token = 'c'
    for number in range(4):
        family.pass_time(900)
        family.refresh(token, f'l{number}')
        assert family.refresh(token, f'k{number}')[0] == 'ok'
        token = f'k{number}'
    assert 'd' not in family.unused
    assert family.refresh('b', 'y')[0] == 'refresh_invalid' and family.is_over


def test_a_session_keeps_two_generations(season):
    family = Family(season)
    token = 'a'
    for number in range(50):
        family.pass_time(2)
        assert family.refresh(token, f't{number}')[0] == 'ok'
        token = f't{number}'
    assert family.tokens() == 't48t49'


# --- limits of a session

def test_refreshes_of_a_session_are_limited_by_the_minute(season):
    family, other = Family(season), Family(season)
    tokens = 'abcdef'
    for old, fresh in zip(tokens, tokens[1:]):
        assert family.refresh(old, fresh, most=5)[0] == 'ok'
    outcome, result = family.refresh('f', 'g', most=5)
    assert outcome == 'rate_limited' and 40 <= result['retry_after_s'] <= 60
    assert family.unused == 'f' and not family.is_over
    assert other.refresh('a', 'b', most=5)[0] == 'ok', 'another session is not concerned'
    assert family.refresh('e', 'f', most=5)[0] == 'ok', 'the repetition of a refresh that was made is none'
    family.pass_time(40)
    assert family.refresh('f', 'g', most=5)[0] == 'rate_limited'
    family.pass_time(20)
    for old, fresh in zip('fghij', 'ghijk'):
        assert family.refresh(old, fresh, most=5)[0] == 'ok'
    assert family.refresh('k', 'l', most=5)[0] == 'rate_limited'


def test_a_thief_is_found_at_the_limit_too(season):
    family = Family(season)
    assert family.refresh('a', 'b', most=1)[0] == 'ok'
    assert family.refresh('x', 'y', most=1)[0] == 'refresh_invalid' and family.is_over


def test_no_refresh_extends_a_session_past_its_end(season):
    family = Family(season)
    expires = 'SELECT max(expires_at) = (SELECT created_at + make_interval(secs => %s) FROM account.sessions WHERE session_id = %s)' \
        ' FROM account.refresh_tokens WHERE session_id = %s'
    left = 3 * REFRESH_S
    token = 'a'
    for number in range(5):
        family.pass_time(0.55 * REFRESH_S)
        left -= 0.55 * REFRESH_S
        fresh = f't{number}'
        outcome, result = family.refresh(token, fresh)
        assert outcome == 'ok', number
        assert abs(result['session_ends_at'] - season.db.value('SELECT util.unix(clock_timestamp())') - left) < 60
        is_clipped = season.db.value(expires, SESSION_S, family.session, family.session)
        assert is_clipped == (left < REFRESH_S), number
        token = fresh
    family.pass_time(left - 60)
    assert family.refresh(token, 'last')[0] == 'ok'
    family.pass_time(60)
    assert family.refresh('last', 'y')[0] == 'refresh_invalid'


def test_a_shorter_life_counts_for_sessions_that_are_open(season):
    family = Family(season)
    family.pass_time(3601)
    assert family.refresh('a', 'b', session_ttl_s=3600)[0] == 'refresh_invalid'
    assert not family.is_over, 'nobody stole anything'
    assert family.refresh('a', 'b', session_ttl_s=7200)[0] == 'ok'


# --- sessions of an account

def test_an_account_keeps_the_sessions_used_last(season):
    family = Family(season)
    others = [new() for _ in range(3)]
    for session in others[:2]:
        assert family.open(session, 'x', most=3)['sessions'] == []
    family.refresh('a', 'b')
    result = family.open(others[2], 'x', most=3)
    assert result['sessions'] == [str(others[0])], 'of the other two one was refreshed, one is younger'
    assert result['revoked_until'] > 0
    rows = season.db.rows('SELECT session_id, revoked_at IS NULL FROM account.sessions WHERE user_id = %s', family.user)
    assert dict(rows) == {family.session: True, others[0]: False, others[1]: True, others[2]: True}
    assert family.open(new(), 'x', most=1)['sessions'] != [], 'a lower limit counts from the next log-in'
    assert season.db.value('SELECT count(*) FROM account.sessions WHERE user_id = %s AND revoked_at IS NULL', family.user) == 1


def test_all_other_sessions_are_closed(season):
    family, stranger = Family(season), Family(season)
    others = [new() for _ in range(3)]
    for session in others:
        family.open(session, 'x')
    outcome, result = season.call('account.sessions_close_others', family.user, family.session, ACCESS_S)
    assert outcome == 'ok' and sorted(result['sessions']) == sorted(map(str, others))
    assert not family.is_over and not stranger.is_over
    assert season.db.value('SELECT count(*) FROM account.revocations WHERE user_id = %s', family.user) == 3
    again = season.call('account.sessions_close_others', family.user, family.session, ACCESS_S)
    assert sorted(again[1]['sessions']) == sorted(result['sessions']), 'the first answer may be lost'
    assert season.db.value("SELECT count(*) FROM log.event_log WHERE kind = 'session.revoked' AND entity = %s", str(family.user)) == 3
    assert season.call('account.sessions_close_others', stranger.user, stranger.session, ACCESS_S) == ('ok', {'sessions': []})
    assert family.refresh('a', 'b')[0] == 'ok'
