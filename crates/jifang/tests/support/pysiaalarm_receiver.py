"""An alarm receiver of another maker (pysiaalarm), for the interop test: protocol and port, then one JSON line an event."""
import json
import sys

from pysiaalarm import CommunicationsProtocol, SIAAccount, SIAClient

port = int(sys.argv[2])


def told(event):
    fields = ["account", "sequence", "code", "message_type", "event_qualifier", "event_type", "partition", "ri", "message", "id"]
    line = {name: str(getattr(event, name, "") or "") for name in fields}
    print(json.dumps(line), flush=True)


accounts = [SIAAccount("1111"), SIAAccount("2222", "AAAAAAAAAAAAAAAA"), SIAAccount("3333", "B" * 24), SIAAccount("4444", "C" * 32)]
protocol = CommunicationsProtocol.UDP if sys.argv[1] == "udp" else CommunicationsProtocol.TCP
client = SIAClient("127.0.0.1", port, accounts, told, protocol=protocol)
client.start()
print(json.dumps({"port": port}), flush=True)
sys.stdin.read()
client.stop()
