#!/bin/sh
# Packs target/bellhop as target/bellhop-VERSION-linux-ARCH.tar.gz. Called by Maven in dist/, with
# the version. Owner, order and times of the entries are the same on every machine.
set -eu
name=bellhop-$1-linux-$(uname -m)
tar -C target --transform "s|^bellhop|$name|S" --sort=name --owner=0 --group=0 --numeric-owner \
    --mtime='2026-01-01 00:00:00 UTC' -cf - bellhop | gzip -n >"target/$name.tar.gz"
