#!/bin/sh
# Puts target/bellhop together, of the runtime and the jars that Maven has put into target, trains its
# caches, and packs it as target/bellhop-VERSION-linux-ARCH.tar.gz unless the second argument says
# `true` for not. Called by Maven in dist/, with the version.
set -eu
umask 022
version=$1
image=target/bellhop.new

fail() {
    echo "image.sh: $1" >&2
    exit 1
}

rm -rf $image
mkdir -p $image/bin $image/lib $image/plugins $image/share/man/man1 $image/share/man/man5 \
    $image/share/man/man7 $image/share/schema
mv target/runtime $image/runtime

# The caches are good for jars of this time only, and so is the archive's copy of them.
time='2026-01-01 00:00:00 UTC'

classpath=
for jar in target/jars/*.jar; do
    cp "$jar" $image/lib/
    touch -d "$time" "$image/lib/${jar##*/}"
    classpath=$classpath:\$bh_home/lib/${jar##*/}
done
case $(uname -m) in
    x86_64) native=amd64 ;;
    aarch64) native=aarch64 ;;
    *) fail "no image for $(uname -m), only for x86_64 and aarch64" ;;
esac
cp target/native/lib/$native-Linux-clang/jni/libjunixsocket-native-*.so $image/lib/libjunixsocket.so

for program in bh bh-start; do
    sed -e "s|@CLASSPATH@|${classpath#:}|" -e "s|@VERSION@|$version|" src/main/bin/$program >$image/bin/$program
    chmod 755 $image/bin/$program
done
for program in escort connect semaphore state; do ln -s bh $image/bin/$program; done
for program in bh-stop bh-stopall bh-status bh-require bh-release; do ln -s bh-start $image/bin/$program; done

cp src/main/train.sh $image/lib/
chmod 755 $image/lib/train.sh

cp src/main/plugins/README target/plugins/*.jar $image/plugins/
cp ../docs/man/*.1 $image/share/man/man1/
cp ../docs/man/*.5 $image/share/man/man5/
cp ../docs/man/*.7 $image/share/man/man7/
cp ../share/schema/*.json $image/share/schema/
cp -R ../services.d $image/share/services.d
cp ../LICENSE ../CHANGELOG.md $image/share/

$image/lib/train.sh

# What runs from the old image goes on: its files are unlinked, not overwritten.
rm -rf target/bellhop.old target/bellhop-*.tar.gz
[ ! -d target/bellhop ] || mv target/bellhop target/bellhop.old
mv $image target/bellhop
rm -rf target/bellhop.old

# Owner, order and times are the same on every machine.
[ "$2" = true ] || {
    name=bellhop-$version-linux-$(uname -m)
    tar -C target --transform "s|^bellhop|$name|S" --sort=name --owner=0 --group=0 --numeric-owner \
        --mtime="$time" -cf - bellhop | gzip -n >"target/$name.tar.gz"
}
