#!/usr/bin/env bash
# One guesses: what `openssl ts -reply` answers, `openssl ts -verify` calls good; so does any client.
# What happens: with further certificates (`certs` in its configuration, or -chain) OpenSSL writes
# them in the order of that file. DER wants a SET OF sorted; rfc3161-client reads no other, and says
# InvalidSetOrdering. With some certificates one order is read, with others neither: it depends on
# their bytes.
# Why it matters: an authority that sends its chain, as many do, is refused although every signature
# in its answer is good.
# Mend: the set of certificates is not signed (RFC 5652, 5.1): sort it before the answer is read.
#
# Output seen:
#   rfc3161-client 1.0.9
#   openssl: Verification: OK
#   one order: ASN.1 parse error: ParseError { kind: InvalidSetOrdering, location: ["
#   the other: ASN.1 parse error: ParseError { kind: InvalidSetOrdering, location: ["
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check rfc3161-client==1.0.9

new() { openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 "$@" 2>/dev/null; }
new -keyout ca.key -out ca.pem -subj "/CN=root" -addext basicConstraints=critical,CA:true
new -keyout tsa.key -out tsa.pem -subj "/CN=stamps" -CA ca.pem -CAkey ca.key \
    -addext extendedKeyUsage=critical,timeStamping -addext basicConstraints=critical,CA:false
new -keyout a.key -out a.pem -subj "/CN=a"
new -keyout b.key -out b.pem -subj "/CN=b"
echo 01 >serial
openssl ts -query -data ca.pem -sha256 -cert -out query 2>/dev/null
for order in "a b" "b a"; do
    read -r first second <<<"$order"
    cat "$first.pem" "$second.pem" >further.pem
    cat >conf <<CONF
[tsa]
default_tsa = here
[here]
serial = serial
signer_cert = tsa.pem
certs = further.pem
signer_key = tsa.key
signer_digest = sha256
default_policy = 1.2.3.4
digests = sha256
ess_cert_id_alg = sha256
CONF
    openssl ts -reply -config conf -queryfile query -out "reply-$first" 2>/dev/null
done
echo "openssl: $(openssl ts -verify -queryfile query -in reply-a -CAfile ca.pem 2>&1 | grep Verification)"

venv/bin/python - <<'PYTHON'
import sys
from importlib.metadata import version
from pathlib import Path

import rfc3161_client

print("rfc3161-client", version("rfc3161-client"))
said = []
for name in ("a", "b"):
    try:
        rfc3161_client.decode_timestamp_response(Path(f"reply-{name}").read_bytes())
        said.append("read")
    except ValueError as error:
        said.append(str(error)[:70])
print("one order:", said[0])
print("the other:", said[1])
sys.exit(0 if any("SetOrdering" in one for one in said) else "No longer so: both are read.")
PYTHON
