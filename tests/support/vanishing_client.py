"""A client that can vanish: vanishing_client.py PORT [tls]. It says its own port. The first line it is told is the target of
the request that it sends; it reads nothing. Behind the second it hears nothing more, and so answers nothing more, as if
its cable were cut (a filter of its socket drops all that comes), and says so."""
import ctypes
import socket
import ssl
import struct
import sys

SO_ATTACH_FILTER = 26
RETURN_NOTHING = struct.pack("HBBI", 0x06, 0, 0, 0)  # BPF_RET | BPF_K, 0 bytes


def vanish(sock):
    code = ctypes.create_string_buffer(RETURN_NOTHING)
    sock.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, struct.pack("HP", 1, ctypes.addressof(code)))


def over_tls(sock):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context.wrap_socket(sock)


def main():
    with socket.create_connection(("127.0.0.1", int(sys.argv[1]))) as sock:
        speaks = over_tls(sock) if sys.argv[2:] == ["tls"] else sock
        print(speaks.getsockname()[1], flush=True)
        speaks.sendall(f"GET {sys.stdin.readline().strip()} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
        sys.stdin.readline()
        vanish(speaks)
        print("vanished", flush=True)
        sys.stdin.read()


main()
