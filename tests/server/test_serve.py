"""One worker and its connections: peers that are silent, slow, gone, or send too much."""

import json
import socket
import threading
import time

import fcgi
from conftest import Load
from wait import wait_for

ONE = {"workers": 1}


def test_bare_connects_do_not_eat_the_pool(server):
    server.start()
    bare = [fcgi.connect(server.socket()) for _ in range(200)]
    try:
        began = time.monotonic()
        for _ in range(20):
            assert server.get("/api/test/constant").status == 200
        assert time.monotonic() - began < 2
    finally:
        for connection in bare:
            connection.close()
    assert server.get("/api/test/constant").status == 200


def test_a_connection_that_speaks_late_is_answered(server):
    server.start(pool_catalog=ONE)
    late = fcgi.connect(server.socket())
    time.sleep(0.3)  # longer than a worker waits for the first byte
    assert server.get("/api/test/constant").status == 200
    late.sendall(fcgi.message("GET", "/api/test/constant?bytes=64"))
    assert fcgi.receive(late).status == 200


def test_a_silent_connection_is_closed(server):
    server.start(pool_catalog=ONE)
    with fcgi.connect(server.socket()) as silent:
        began = time.monotonic()
        assert silent.recv(1) == b""
        assert 1.5 < time.monotonic() - began < 4


def test_half_a_head_does_not_hold_the_worker(server):
    server.start(server={"request_deadline_ms": 400}, pool_catalog=ONE)
    with fcgi.connect(server.socket()) as half:
        half.sendall(fcgi.message("GET", "/api/test/constant")[:30])
        time.sleep(0.05)
        began = time.monotonic()
        assert server.get("/api/test/constant").status == 200
        assert time.monotonic() - began < 1.5


def drip(connection, raw):
    """Sends a byte now and then, for as long as somebody takes them."""
    for byte in raw:
        try:
            connection.sendall(bytes([byte]))
        except OSError:
            return
        time.sleep(0.2)


def test_a_head_in_drops_does_not_hold_the_worker(server):
    server.start(server={"request_deadline_ms": 400, "stuck_after_ms": 600}, pool_catalog=ONE)
    server.allowed.append("is stuck")
    with fcgi.connect(server.socket()) as slow:
        threading.Thread(target=drip, args=(slow, fcgi.message("GET", "/api/test/constant")), daemon=True).start()
        time.sleep(0.3)
        assert server.get("/api/test/constant").status == 200
    assert server.metric("boxoffice_worker_stuck_total") == 1


def test_an_answer_taken_in_drops_does_not_hold_the_worker(server):
    server.start(server={"request_deadline_ms": 400, "stuck_after_ms": 600}, pool_catalog=ONE)
    server.allowed.append("is stuck")
    with fcgi.start(server.socket(), "GET", "/api/test/constant?bytes=8000000") as slow:

        def take():
            try:
                while slow.recv(100000):
                    time.sleep(0.2)
            except OSError:
                pass

        threading.Thread(target=take, daemon=True).start()
        time.sleep(0.1)
        assert server.get("/api/test/constant").status == 200
    assert server.metric("boxoffice_worker_stuck_total") == 1


def test_half_a_body_does_not_hold_the_worker(server):
    server.start(server={"request_deadline_ms": 400}, pool_catalog=ONE)
    whole = fcgi.message("POST", "/api/test/echo", b'{"text":"' + b"x" * 500 + b'"}')
    with fcgi.connect(server.socket()) as half:
        half.sendall(whole[:-300])
        time.sleep(0.05)
        began = time.monotonic()
        assert server.get("/api/test/constant").status == 200
        assert time.monotonic() - began < 2
        assert fcgi.receive(half).status in (0, 400)


def test_rubbish_is_dropped(server):
    server.start(pool_catalog=ONE)
    for rubbish in (b"GET / HTTP/1.0\r\n\r\n" * 10, b"\0" * 64, b"\xff" * 64, b"\1"):
        with fcgi.connect(server.socket()) as connection:
            connection.sendall(rubbish)
            connection.shutdown(socket.SHUT_WR)
            assert fcgi.receive(connection).status == 0
    assert server.get("/api/test/constant").status == 200


def test_a_client_that_went_away_does_not_hurt(server):
    server.start(pool_catalog=ONE)
    worker = server.workers()
    for uri in ("/api/test/sleep?ms=50", "/api/test/constant?bytes=3000000"):
        fcgi.start(server.socket(), "GET", uri).close()
        assert server.get("/api/test/constant").status == 200
    assert server.workers() == worker


def test_a_request_whose_client_has_gone_is_dropped(server):
    """However much of it is unread: a body is still in the socket when the worker takes the connection."""
    server.start(pool_catalog=ONE)
    trace_id = "%032x"
    bodies = (b"{}", b'{"text":"' + b"x" * 60000 + b'"}')
    with fcgi.start(server.socket(), "GET", "/api/test/sleep?ms=500") as busy:
        for number, body in enumerate(bodies, 1):
            fcgi.start(server.socket(), "POST", "/api/test/echo", body, TRACE_ID=trace_id % number).close()
        with fcgi.start(server.socket(), "POST", "/api/test/echo", b"{}") as half:
            half.shutdown(socket.SHUT_WR)  # it still reads
            assert fcgi.receive(busy).status == 200
            assert fcgi.receive(half).status == 200
    lines = {line["trace_id"]: line for line in server.log("^request$")}
    for number in range(1, len(bodies) + 1):
        line = lines[trace_id % number]
        assert (line["status"], line["route"], line["level"]) == (499, "/api/test/echo", "info")
    assert server.metric("boxoffice_requests_gone_total") == len(bodies)
    assert server.metric('boxoffice_requests_total{route="POST /api/test/echo",status="499"}') == len(bodies)
    assert server.log("was not taken") == []


def test_a_request_that_waited_past_its_deadline_is_told_so(server):
    server.start(server={"request_deadline_ms": 1000}, pool_catalog=ONE)
    for seconds, status in ((0.5, 200), (1.1, 503), (50, 503), (70, 200), (-3, 200)):
        passed_at = f"{time.time() - seconds:.3f}"
        answer = server.get("/api/test/constant", PASSED_AT=passed_at)
        assert answer.status == status, seconds
    assert server.metric("boxoffice_requests_late_total") == 2


def test_an_address_signs_up_only_so_often(server):
    server.start(auth={"address_signups": 3})

    def sign_up(address):
        return fcgi.request(server.socket(), "POST", "/api/auth/signup", b"{}", REMOTE_ADDR=address)

    assert [sign_up("2001:db8::1").status for _ in range(3)] == [422] * 3
    refused = sign_up("2001:db8::2")  # of the same /64
    assert (refused.status, json.loads(refused.body)["code"]) == (429, "rate_limited")
    assert 1 <= int(refused.headers["retry-after"]) <= 3600
    assert sign_up("2001:db8:0:1::1").status == 422
    assert [sign_up("127.0.0.1").status for _ in range(5)] == [422] * 5
    assert server.metric("boxoffice_signups_refused_total") == 1


def test_a_client_that_does_not_read_does_not_hold_the_worker(server):
    server.start(server={"request_deadline_ms": 400}, pool_catalog=ONE)
    with fcgi.start(server.socket(), "GET", "/api/test/constant?bytes=8000000"):
        time.sleep(0.05)
        began = time.monotonic()
        assert server.get("/api/test/constant").status == 200
        assert time.monotonic() - began < 2


def test_a_connection_is_never_kept(server):
    server.start(pool_catalog=ONE)
    message = bytearray(fcgi.message("GET", "/api/test/constant?bytes=64"))
    message[10] = 1  # FCGI_KEEP_CONN
    with fcgi.connect(server.socket()) as connection:
        connection.sendall(bytes(message))
        assert fcgi.receive(connection).status == 200  # reads to the end of the connection


def test_the_announced_length_must_be_right(server):
    server.start()
    for length in ("3", "1", "", "x", "-1"):
        answer = fcgi.request(
            server.socket(), "POST", "/api/test/echo", b"{}", CONTENT_LENGTH=length
        )
        assert answer.status == 400, length
        assert json.loads(answer.body)["code"] == "bad_request"


def test_a_body_over_the_limit_is_refused_whole(server):
    server.start()
    body = b'{"text":"' + b"x" * 9000000 + b'"}'
    answer = fcgi.request(server.socket(), "POST", "/api/test/echo", body)
    assert answer.status == 413
    assert json.loads(answer.body)["code"] == "body_too_large"


def test_a_large_body_and_a_large_answer_are_whole(server):
    server.start()
    body = b'{"text":"' + b"x" * 5000000 + b'"}'
    answer = fcgi.request(server.socket(), "POST", "/api/test/echo", body)
    assert json.loads(answer.body) == {"length": len(body)}
    for size in (11, 8191, 8192, 65535, 65536, 65537, 3000000):
        answer = server.get(f"/api/test/constant?bytes={size}")
        assert (answer.status, len(answer.body)) == (200, size)
        assert answer.headers["content-length"] == str(size)
        assert json.loads(answer.body)["text"].strip("x") == ""


def test_head_has_the_length_and_no_body(server):
    server.start()
    answer = fcgi.request(server.socket(), "HEAD", "/api/test/constant?bytes=777")
    assert (answer.status, answer.body) == (200, b"")
    assert answer.headers["content-length"] == "777"


def test_one_line_is_logged_for_each_request_and_holds_no_secret(server):
    server.start()
    trace_id = "00112233445566778899aabbccddeeff"
    secret = "sesame-open"
    fcgi.request(
        server.socket(),
        "POST",
        f"/api/test/echo?token={secret}",
        json.dumps({"text": secret}).encode(),
        {"Authorization": f"Bearer {secret}"},
        TRACE_ID=trace_id,
    )
    lines = [line for line in server.log() if line.get("trace_id") == trace_id]
    assert len(lines) == 1
    line = lines[0]
    assert (line["msg"], line["method"], line["route"], line["status"], line["pool"]) == (
        "request",
        "POST",
        "/api/test/echo",
        422,
        "catalog",
    )
    assert {"ms", "db_calls", "db_ms", "user_id", "replay"} <= set(line)
    with open(server.log_path) as file:
        assert secret not in file.read()


def test_a_worker_retires_and_no_request_is_lost(server):
    server.start(pool_catalog={"workers": 2, "max_requests": 50})
    old = server.workers()
    with Load(server.socket()) as load:
        wait_for(lambda: load.done >= 1000, 20)
    assert load.bad == []
    assert not set(server.workers()) & set(old)
    ended = {}
    for line in server.log("^request$"):
        ended[line["pid"]] = ended.get(line["pid"], 0) + 1
    wait_for(lambda: len(server.workers()) == 2)
    retired = [count for pid, count in ended.items() if pid not in server.workers()]
    assert retired and all(45 <= count <= 55 for count in retired), retired
    assert len(set(retired)) > 1, "they retire together"


def test_tokens_are_not_judged_without_the_databases_clock(server):
    server.start()
    answer = server.get("/api/me", headers={"Authorization": "Bearer x.y.z"})
    assert answer.status == 503
    assert answer.headers["retry-after"] == "1"
    assert json.loads(answer.body)["code"] == "unavailable"
    answer = server.get("/api/me")
    assert (answer.status, answer.headers["www-authenticate"]) == (401, "Bearer")


def test_many_clients_at_once_are_all_answered(server):
    server.start(pool_catalog={"workers": 4})
    with Load(server.socket(), threads=16) as load:
        wait_for(lambda: load.done >= 2000, 20)
    assert load.bad == []
