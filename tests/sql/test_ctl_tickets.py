"""boxofficectl tickets: checks a code with a file of public keys, without configuration, database or network."""
import base64
import configparser
import json
import os
import subprocess
import uuid

import nacl.signing
import pytest

TICKET, SHOW, SEAT = uuid.UUID('0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d'), 7, 41


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b'=').decode()


def sign(seed, key_id, show=SHOW, seat=SEAT):
    """A code as the server makes it."""
    payload = TICKET.bytes + show.to_bytes(4, 'big') + seat.to_bytes(4, 'big')
    signature = nacl.signing.SigningKey(seed).sign(f'BO1.{key_id}.'.encode() + payload).signature
    return f'BO1.{key_id}.{base64url(payload + signature)}'


@pytest.fixture(scope='module')
def seeds(stack):
    """{key id: seed} of the stack's secrets."""
    parser = configparser.ConfigParser(interpolation=None)
    parser.read(stack.secrets)
    return {name: bytes.fromhex(value) for name, value in parser['ticket'].items() if name != 'current'}


@pytest.fixture
def keys(stack, tmp_path):
    """The file of public keys."""
    path = tmp_path / 'keys'
    path.write_text(stack.run('boxofficectl', 'tickets', 'public-key').stdout)
    return str(path)


@pytest.fixture
def verify(stack, tmp_path):
    """verify(file, code): with nothing around it that names a configuration, a database or a network."""
    def run(*arguments):
        bare = ['unshare', '-n'] if os.geteuid() == 0 and \
            subprocess.run(['unshare', '-n', 'true'], capture_output=True).returncode == 0 else []
        return subprocess.run([*bare, f'{stack.programs}/boxofficectl', 'tickets', 'verify', *arguments], cwd=tmp_path,
                              env={'BOXOFFICE_CONF': '/nowhere', 'PATH': os.environ['PATH']}, capture_output=True, text=True, timeout=10)
    return run


def test_the_public_keys_are_those_of_the_secrets_and_nothing_secret(stack, seeds, keys):
    text = open(keys).read()
    assert text == '[ticket-public]\n' + ''.join(
        f'{name} = {nacl.signing.SigningKey(seed).verify_key.encode().hex()}\n' for name, seed in seeds.items())
    assert not any(seed.hex() in text for seed in seeds.values())


def test_a_good_code_is_valid_and_says_what_it_is_for(seeds, keys, verify):
    for name, seed in seeds.items():
        for order in (('--key', keys, sign(seed, name)), (sign(seed, name), '--key', keys), ('--key', keys, f' {sign(seed, name)}\r\n')):
            done = verify(*order)
            assert (done.returncode, done.stderr) == (0, '')
            assert done.stdout == f'valid\nticket {TICKET}\nshow {SHOW}\nseat {SEAT}\nkey {name}\n'


LAYOUT = {'id': 3, 'hall_id': 2, 'sections': [
    {'name': '1층', 'rows': [{'name': 'A', 'seats': [{'no': 40, 'label': 'A-1', 'grade': 'R', 'x': 0, 'y': 0}]}]},
    {'name': '2층', 'rows': [{'name': 'A', 'seats': [{'no': SEAT, 'label': 'A-1', 'grade': 'R', 'x': 0, 'y': 20}]}]}]}


@pytest.fixture
def layout(tmp_path):
    def write(text):
        path = tmp_path / 'layout.json'
        path.write_text(text)
        return str(path)
    return write


def test_a_saved_layout_names_the_seat(seeds, keys, verify, layout):
    name, seed = next(iter(seeds.items()))
    done = verify('--key', keys, '--layout', layout(json.dumps(LAYOUT)), sign(seed, name))
    assert (done.returncode, done.stderr) == (0, '')
    assert done.stdout == f'valid\nticket {TICKET}\nshow {SHOW}\nseat {SEAT}\nsection 2층\nrow A\nlabel A-1\nkey {name}\n'
    done = verify('--key', keys, '--layout', layout(json.dumps(LAYOUT)), sign(seed, name, seat=42))
    assert done.returncode == 78 and 'no such seat' in done.stderr and done.stdout == ''


@pytest.mark.parametrize('text', [
    '', 'x', '[]', 'null', '{}', '{"sections": 1}', '{"sections": [{"name": "A", "rows": [{"seats": [{"no": 41, "label": "1"}]}]}]}',
    '{"sections": [1, {"rows": 1}, {"rows": [1, {"seats": 2}, {"seats": [3, {"no": 41}, {"no": "41"}]}]}]}'])
def test_a_file_that_is_no_layout_is_refused(seeds, keys, verify, layout, text):
    name, seed = next(iter(seeds.items()))
    done = verify('--key', keys, '--layout', layout(text), sign(seed, name))
    assert done.returncode == 78 and 'layout.json: ' in done.stderr and done.stdout == ''


def test_a_layout_does_not_help_a_bent_code(seeds, keys, verify, layout):
    name, seed = next(iter(seeds.items()))
    done = verify('--key', keys, '--layout', layout(json.dumps(LAYOUT)), sign(os.urandom(32), name))
    assert done.returncode == 1 and done.stdout == ''


def test_every_bent_code_is_invalid(seeds, keys, verify):
    name, seed = next(iter(seeds.items()))
    code = sign(seed, name)
    head, _, body = code.split('.')
    data = base64.urlsafe_b64decode(body + '==')
    bent = [f'{head}.{name}.{base64url(data[:i] + bytes([data[i] ^ 1]) + data[i + 1:])}' for i in range(0, len(data), 11)]
    bent += [code[:length] for length in range(0, len(code), 13)]
    bent += [code + 'A', code + '=', code.lower(), 'x' + code, f'{code[:9]} {code[9:]}', f'BO1..{body}', f'BO1.{"k" * 33}.{body}', f'BO1.{name}x.{body}',
             f'BO1.\x1b[31m.{body}', sign(os.urandom(32), name), sign(seed, 'other'), 'x' * 5000]
    for text in bent:
        done = verify('--key', keys, text)
        assert done.returncode == 1 and done.stdout == '' and done.stderr, text
        assert '\x1b' not in done.stderr


def test_another_key_under_the_same_name_is_invalid(seeds, verify, tmp_path):
    name, seed = next(iter(seeds.items()))
    path = tmp_path / 'wrong'
    path.write_text(f'[ticket-public]\n{name} = {nacl.signing.SigningKey(os.urandom(32)).verify_key.encode().hex()}\n')
    done = verify('--key', str(path), sign(seed, name))
    assert done.returncode == 1 and 'did not sign' in done.stderr and done.stdout == ''


def test_a_key_that_is_not_in_the_file_is_said(seeds, verify, tmp_path):
    name, seed = next(iter(seeds.items()))
    path = tmp_path / 'empty'
    path.write_text('[ticket-public]\n')
    done = verify('--key', str(path), sign(seed, name))
    assert done.returncode == 1 and f'the key {name} is not in the file' in done.stderr


@pytest.mark.parametrize('text', [None, 'nonsense', '[ticket-public]\nk1 = 00\n', '[ticket-public]\nk1 = ' + 'g' * 64,
                                  '[token]\ncurrent = k1\nk1 = ' + '0' * 64, 'k1 = ' + '0' * 64])
def test_a_file_of_something_else_is_refused(seeds, verify, tmp_path, text):
    """Seeds as well: the file goes to the doors."""
    name, seed = next(iter(seeds.items()))
    path = tmp_path / 'file'
    if text is not None:
        path.write_text(text)
    done = verify('--key', str(path), sign(seed, name))
    assert done.returncode == 78 and str(path) in done.stderr and done.stdout == ''


def test_the_secrets_are_no_file_of_public_keys(stack, seeds, verify):
    name, seed = next(iter(seeds.items()))
    done = verify('--key', stack.secrets, sign(seed, name))
    assert done.returncode == 78 and not any(value.hex() in done.stderr for value in seeds.values())


def test_without_a_key_file_or_a_code(stack, seeds, verify):
    name, seed = next(iter(seeds.items()))
    done = verify(sign(seed, name))
    assert done.returncode == 1 and '--key FILE' in done.stderr
    assert verify('--key', 'x').returncode == 2
    assert stack.run('boxofficectl', 'tickets', 'public-key', 'x', check=False).returncode == 2
    few = stack.run('boxofficectl', 'show', 'status', check=False)
    assert (few.returncode, few.stderr) == (2, 'Usage: boxofficectl [--config FILE] show status ID\n')
    unknown = stack.run('boxofficectl', 'frobnicate', check=False)
    assert unknown.returncode == 2 and unknown.stderr.startswith('boxofficectl: there is no command frobnicate; ')
