#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# timed-server itself, before anything is held against it: it says what it was asked to say, to
# whom it was asked to, and no earlier than it was asked to.

load common

teardown() {
    end_timed
}

# talk: runs the Python code on standard input with a client's means at hand.
talk() {
    cat "$BATS_TEST_DIRNAME/talk.py" - | TARGET=$TARGET timeout 20 /usr/bin/python3 -
}

@test "--help; wrong usage is one line and status 2" {
    local wrong
    run "$TIMED" --help
    [ "$status" -eq 0 ]
    [[ "$output" == *Usage:* ]]
    for wrong in "--freeze 5s@1s" "--delay 1" "--capacity 5k" "--hang-after x" "--close-after 0" \
        "--bind 0.0.0.0" "--bind ::" "--bind here" "--port 99999" "--unix $(printf 'x%.0s' {1..108})" \
        "--freeze 1s@5s --capacity 5k/s" "--seed x" "more"; do
        # shellcheck disable=SC2086
        run timeout 5 "$TIMED" $wrong
        echo "$wrong -> $status: $output"
        [ "$status" -eq 2 ]
        one_line
    done
}

@test "a port that is taken: one line, status 1" {
    start_timed
    run timeout 5 "$TIMED" --port "${TARGET##*:}"
    [ "$status" -eq 1 ]
    one_line
}

@test "both languages, on IPv4, IPv6 and a Unix socket" {
    local where
    for where in "" "--bind ::1" "--unix $BATS_TEST_TMPDIR/socket"; do
        # shellcheck disable=SC2086
        start_timed $where
        talk <<'PYTHON'
native = greeted()
native.sendall(echo(b"hola"))
assert heard(native, 9) == echo(b"hola")
http = connected()
http.sendall(GET * 3)
assert heard(http, 3 * HTTP_SIZE).count(b"HTTP/1.1 200 OK\r\n") == 3
PYTHON
        stop_timed
        [ "$(served requests)" -eq 4 ]
        [ "$(served replies)" -eq 4 ]
    done
    [ ! -e "$BATS_TEST_TMPDIR/socket" ]
}

@test "a message in pieces, and many at once" {
    start_timed
    talk <<'PYTHON'
native = connected()
for byte in GREETING + echo(b"hola"):
    native.sendall(bytes([byte]))
assert heard(native, 13) == WELCOME + echo(b"hola")
many = b"".join(echo(b"%d" % i) for i in range(1000))
native.sendall(many)
assert heard(native, len(many)) == many
large = echo(bytes(range(256)) * 4096)
import threading
threading.Thread(target=native.sendall, args=(large,)).start()
assert heard(native, len(large)) == large
PYTHON
    stop_timed
}

@test "--delay: no reply before its time, and those of one client in order" {
    start_timed --delay 20ms:1,100ms:1
    talk <<'PYTHON'
many = b"".join(echo(b"%02d" % i) for i in range(20))
native = greeted()
begun = time.monotonic()
native.sendall(many)
assert heard(native, 7)[5:] == b"00"
assert time.monotonic() - begun >= 0.020
assert heard(native, len(many) - 7) == many[7:]
assert time.monotonic() - begun >= 0.100
PYTHON
    stop_timed
    [ "$(served replies)" -eq 20 ]
    [[ "$(served delayed)" =~ ^[1-9][0-9]*,[1-9][0-9]*$ ]]
}

@test "--log: when each delayed reply left; a file that cannot be written is told" {
    start_timed --delay 5ms --log "$BATS_TEST_TMPDIR/log"
    talk <<'PYTHON'
client = greeted()
for text in (b"uno", b"dos", b"tres"):
    client.sendall(echo(text))
    assert heard(client, len(echo(text))) == echo(text)
PYTHON
    stop_timed
    [ "$(wc -l <"$BATS_TEST_TMPDIR/log")" -eq 3 ]
    # Not before their time, and each request arrived when the reply before it had left.
    awk '$2 < 5e6 || $1 < left { exit 1 } { left = $1 + $2 }' "$BATS_TEST_TMPDIR/log"

    start_timed --log "$BATS_TEST_TMPDIR/nowhere/log"
    kill -TERM "$TIMED_PID"
    run wait "$TIMED_PID"
    TIMED_PID=
    [ "$(wc -l <"$BATS_TEST_TMPDIR/timed.err")" -eq 1 ]
    grep -q 'nowhere/log' "$BATS_TEST_TMPDIR/timed.err"
}

@test "--freeze: who comes within a freeze is answered at its end" {
    start_timed --freeze 950ms@1s
    talk <<'PYTHON'
native = greeted()
waits = []
for _ in range(20):
    begun = time.monotonic()
    native.sendall(echo(b""))
    heard(native, 5)
    waits.append(time.monotonic() - begun)
    if max(waits) > 0.5:
        break
    time.sleep(0.060)
assert max(waits) > 0.5, waits
PYTHON
    stop_timed
}

@test "--capacity: so many a second, whatever is asked" {
    start_timed --capacity 200/s
    talk <<'PYTHON'
native = greeted()
begun = time.monotonic()
native.sendall(echo(b"") * 100)
heard(native, 500)
assert time.monotonic() - begun >= 0.5
PYTHON
    stop_timed
}

@test "--hang-after: nothing more, to nobody, and what is sent is taken" {
    start_timed --hang-after 3
    talk <<'PYTHON'
first, second = greeted(), greeted()
first.sendall(echo(b"x") * 5)
assert heard(first, 18) == echo(b"x") * 3
second.sendall(echo(b"y") * 100000)
assert silent(first) and silent(second)
PYTHON
    stop_timed
    [ "$(served replies)" -eq 3 ]
}

@test "--close-after: the K-th reply is a client's last, and whole" {
    start_timed --close-after 2 --delay 5ms
    talk <<'PYTHON'
for _ in range(2):
    native = greeted()
    for _ in range(2):
        native.sendall(echo(b"x"))
        assert heard(native, 6) == echo(b"x")
    assert native.recv(1) == b""
PYTHON
    stop_timed
    [ "$(served clients)" -eq 2 ]
}

@test "a client that has said all is answered all; one that goes leaves nothing behind" {
    start_timed --delay 50ms
    talk <<'PYTHON'
native, gone = greeted(), greeted()
gone.sendall(echo(b"x") * 10)
gone.close()
native.sendall(echo(b"x") * 10)
native.shutdown(socket.SHUT_WR)
assert heard(native, 60) == echo(b"x") * 10
assert native.recv(1) == b""
PYTHON
    stop_timed
}

@test "what is neither language ends that client only" {
    start_timed
    talk <<'PYTHON'
native = greeted()
for wrong in (b"\2\0\0\0", b"POST / HTTP/1.1\r\n\r\n", GREETING + b"\1\xff\xff\xff\xff"):
    other = connected()
    other.sendall(wrong)
    while True:
        try:
            if other.recv(100) == b"":
                break
        except ConnectionResetError:
            break
native.sendall(echo(b"x"))
assert heard(native, 6) == echo(b"x")
PYTHON
    stop_timed
    [ "$(served dropped)" -eq 3 ]
}
