#!/bin/sh
# Makes the certificates of the TLS tests anew: a CA, a server of it for localhost, a client of it. Needs openssl.
set -eu
cd "$(dirname "$0")"
days=36500
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days $days -subj "/CN=graphtop test CA" \
    -addext "keyUsage=critical,keyCertSign,cRLSign" -keyout ca.key -out ca.pem
for who in server client; do
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=graphtop test $who" \
        -keyout $who.key -out $who.csr
    printf 'subjectAltName=DNS:localhost,IP:127.0.0.1\nbasicConstraints=CA:FALSE\nauthorityKeyIdentifier=keyid\n' > ext
    openssl x509 -req -in $who.csr -CA ca.pem -CAkey ca.key -set_serial "0x$(openssl rand -hex 8)" \
        -days $days -extfile ext -out $who.pem
done
rm -f ca.key ext ./*.csr
