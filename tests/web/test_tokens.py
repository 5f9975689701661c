"""Tokens that must not open a door: each row is one way in that must fail."""
import base64
import json
import uuid

import pytest

from world import base64url, unbase64url

VICTIM = '00000000-0000-4000-8000-000000000001'


def flip(text, place):
    letter = 'A' if text[place] != 'A' else 'B'
    return text[:place] + letter + text[place + 1:] if place != -1 else text[:-1] + letter


def unsigned(signer, claims, **header):
    head = base64url(json.dumps(dict({'alg': 'none', 'typ': 'JWT', 'kid': signer.kid}, **header)).encode())
    return f'{head}.{base64url(json.dumps(claims).encode())}.'


def parts(signer, claims=None):
    return signer.sign(claims or signer.claims()).split('.')


BAD = {
    'nothing behind Bearer': lambda s: '',
    'a word': lambda s: 'token',
    'one dot': lambda s: 'a.b',
    'two dots alone': lambda s: '..',
    'four parts': lambda s: s.sign(s.claims()) + '.x',
    'no signature': lambda s: '.'.join(parts(s)[:2]) + '.',
    'no signature and no dot': lambda s: '.'.join(parts(s)[:2]),
    'signature cut by one': lambda s: s.sign(s.claims())[:-1],
    'signature of another token': lambda s: '.'.join(parts(s)[:2] + [parts(s)[2]]),
    'signature with one bit other': lambda s: '.'.join(parts(s)[:2] + [flip(parts(s)[2], 3)]),
    'claims changed behind the signature': lambda s: '.'.join(
        (lambda p: [p[0], base64url(json.dumps(s.claims(role='admin')).encode()), p[2]])(parts(s))),
    'header changed behind the signature': lambda s: '.'.join(
        (lambda p: [base64url(b'{"alg":"HS256","kid":"%s"}' % s.kid.encode()), p[1], p[2]])(parts(s))),
    'alg none': lambda s: unsigned(s, s.claims()),
    'alg None': lambda s: unsigned(s, s.claims(), alg='None'),
    'alg nOnE with a signature': lambda s: s.sign(s.claims(), alg='nOnE'),
    'no alg': lambda s: s.sign(s.claims(), alg=None),
    'alg HS384, rightly signed': lambda s: s.sign(s.claims(), digest='sha384', alg='HS384'),
    'alg HS512, rightly signed': lambda s: s.sign(s.claims(), digest='sha512', alg='HS512'),
    'alg hs256 in small letters': lambda s: s.sign(s.claims(), alg='hs256'),
    'alg RS256 over the secret': lambda s: s.sign(s.claims(), alg='RS256'),
    'alg is a number': lambda s: s.sign(s.claims(), alg=256),
    'empty key': lambda s: s.sign(s.claims(), key=b''),
    'another key': lambda s: s.sign(s.claims(), key=b'k' * 32),
    'key in hex': lambda s: s.sign(s.claims(), key=s.key.hex().encode()),
    'no kid': lambda s: s.sign(s.claims(), kid=None),
    'unknown kid': lambda s: s.sign(s.claims(), kid='k0'),
    'empty kid': lambda s: s.sign(s.claims(), kid=''),
    'kid is a path': lambda s: s.sign(s.claims(), kid='../../../dev/null', key=b''),
    'kid is SQL': lambda s: s.sign(s.claims(), kid="k' OR '1'='1"),
    'jwk in the header': lambda s: s.sign(s.claims(), key=b'k' * 32, jwk={
        'kty': 'oct', 'k': base64url(b'k' * 32)}),
    'jku in the header': lambda s: s.sign(s.claims(), key=b'k' * 32, jku='http://127.0.0.1/keys'),
    'no exp': lambda s: s.sign(s.claims(exp=None)),
    'exp is a text': lambda s: s.sign(s.claims(exp='99999999999')),
    'exp is a fraction': lambda s: s.sign(s.claims(exp=99999999999.5)),
    'exp is null': lambda s: s.sign(json.dumps(dict(s.claims(), exp=None)).encode()),
    'exp is huge': lambda s: s.sign(json.dumps(s.claims()).replace(
        str(s.claims()['exp']), '1' + '0' * 30).encode()),
    'no iat': lambda s: s.sign(s.claims(iat=None)),
    'iat an hour ahead': lambda s: s.sign(s.claims(iat=s.claims()['iat'] + 3600, ttl_s=7200)),
    'no sub': lambda s: s.sign({k: v for k, v in s.claims().items() if k != 'sub'}),
    'sub is no uuid': lambda s: s.sign(s.claims('1')),
    'sub is a number': lambda s: s.sign(s.claims(sub=1)),
    'sub with NUL': lambda s: s.sign(s.claims(VICTIM + '\0')),
    'no sid': lambda s: s.sign(s.claims(sid=None)),
    'sid is no uuid': lambda s: s.sign(s.claims(sid='x')),
    'no role': lambda s: s.sign({k: v for k, v in s.claims().items() if k != 'role'}),
    'unknown role': lambda s: s.sign(s.claims(role='root')),
    'role in capitals': lambda s: s.sign(s.claims(role='Admin')),
    'role is an array': lambda s: s.sign(s.claims(role=['admin'])),
    'another issuer': lambda s: s.sign(s.claims(iss='boxoffice.example')),
    'no issuer': lambda s: s.sign(s.claims(iss=None)),
    'another audience': lambda s: s.sign(s.claims(aud='other-api')),
    'no audience': lambda s: s.sign(s.claims(aud=None)),
    'claims are an array': lambda s: s.sign(b'[]'),
    'claims are no JSON': lambda s: s.sign(b'claims'),
    'claims are empty': lambda s: s.sign(b''),
    'padded base64': lambda s: '.'.join(part + '=' * (-len(part) % 4) for part in parts(s)),
    'base64 of the other alphabet': lambda s: '.'.join(
        base64.b64encode(unbase64url(part)).decode() for part in parts(s)),
    'two tokens': lambda s: s.sign(s.claims()) + ',' + s.sign(s.claims()),
    'a space inside': lambda s: s.sign(s.claims()).replace('.', '. ', 1),
    'longer than 2 KiB': lambda s: s.sign(s.claims(note='n' * 3000)),
    'a ticket code': lambda s: 'BO1.' + s.kid + '.' + base64url(bytes(88)),
}


@pytest.mark.parametrize('name', BAD)
def test_bad_token_is_401(api, world, name):
    answer = api.get('/api/me', token=None,
                     headers={'Authorization': f'Bearer {BAD[name](world.signer)}'})
    assert (answer.status, answer.code) == (401, 'unauthenticated'), answer
    assert answer.headers['WWW-Authenticate'].startswith('Bearer')


@pytest.mark.parametrize('scheme', ['', 'Bearer', 'Basic ', 'bearer:', 'Token ', 'BearerX '])
def test_other_scheme_is_401(api, world, scheme):
    token = world.signer.token(world.user().id)
    answer = api.get('/api/me', headers={'Authorization': f'{scheme}{token}'})
    assert (answer.status, answer.code) == (401, 'unauthenticated')


def test_expired_token_says_so(api, world):
    signer = world.signer
    answer = api.get('/api/me', token=signer.sign(signer.claims(iat=1000, exp=2000)))
    assert (answer.status, answer.code) == (401, 'token_expired')


def test_forged_and_expired_token_is_not_called_expired(api, world):
    """Whoever cannot sign learns nothing about time."""
    signer = world.signer
    answer = api.get('/api/me', token=signer.sign(signer.claims(ttl_s=-100), key=b'k' * 32))
    assert answer.code == 'unauthenticated'


def test_token_of_a_user_that_is_gone_is_refused(api, world):
    """A good signature over an account that does not exist shows no profile."""
    answer = api.get('/api/me', token=world.signer.token(str(uuid.uuid4())))
    assert answer.status in (401, 404)


def test_good_token_works_with_any_case_of_the_scheme(api, world):
    user = world.user()
    for scheme in ('Bearer', 'bearer', 'BEARER'):
        assert api.get('/api/me', headers={'Authorization': f'{scheme} {user.token}'}).status == 200


def test_bad_token_on_a_public_read_does_not_matter(api, world):
    answer = api.get('/api/events', headers={'Authorization': 'Bearer nonsense'})
    assert answer.status == 200


@pytest.mark.parametrize('name', ['alg none', 'another key', 'no exp', 'unknown role'])
def test_bad_token_cannot_write(api, world, show, name):
    answer = api.post(f'/api/shows/{show["id"]}/holds', {'seats': [0]},
                      headers={'Authorization': f'Bearer {BAD[name](world.signer)}'})
    assert answer.status == 401
    assert world.sql('SELECT count(*) FROM show.holds WHERE show_id = %s', show['id']) == [(0,)]


def test_there_are_at_least_thirty_rows():
    assert len(BAD) >= 30
