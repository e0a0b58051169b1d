#!/bin/sh
# usage: deb.sh IMAGE VERSION ARCHITECTURE DIRECTORY
# Packs an image as DIRECTORY/bellhop_VERSION_ARCHITECTURE.deb, for dpkg. Of the same image it makes the same bytes.
# Called by image.sh in dist/. It needs no program of Debian's: such a package is two archives of tar in one of ar.
set -eu
umask 022
image=$1
# A hyphen would begin Debian's own part of the version, and a SNAPSHOT is older than its release.
version=$(echo "$2" | tr - '~')
case $3 in
    x86_64) architecture=amd64 ;;
    *) architecture=arm64 ;;
esac
# The caches are good for jars of this time only.
time='2026-01-01 00:00:00 UTC'
target=$4
work=$target/deb-$architecture
root=$work/root

rm -rf "$work"
mkdir -p "$root/etc/bellhop/services.d" "$root/usr/bin" "$root/usr/lib/systemd/system" \
    "$root/usr/share/bash-completion" "$root/usr/share/zsh/vendor-completions" "$root/usr/share/fish" \
    "$root/usr/share/doc/bellhop" "$work/control"
cp -pPR "$image" "$root/usr/lib/bellhop"
home=$root/usr/lib/bellhop
rm "$home/install"

# What has a place of its own in Debian.
for program in "$home"/bin/*; do
    ln -s "../lib/bellhop/bin/${program##*/}" "$root/usr/bin/${program##*/}"
done
mv "$home/share/man" "$root/usr/share/man"
find "$root/usr/share/man" -type f -exec gzip -9n {} +
mv "$home/share/bash-completion/completions" "$root/usr/share/bash-completion/completions"
mv "$home/share/zsh/site-functions/_bh" "$root/usr/share/zsh/vendor-completions/_bh"
mv "$home/share/fish/vendor_completions.d" "$root/usr/share/fish/vendor_completions.d"
cp -p "$home/share/init/bellhop.service" "$root/usr/lib/systemd/system/"
# Documentation may be left out, as it is in containers.
ln -s ../../../lib/bellhop/share/init "$root/usr/share/doc/bellhop/examples"
mv "$home/share/CHANGELOG.md" "$root/usr/share/doc/bellhop/changelog"
gzip -9n "$root/usr/share/doc/bellhop/changelog"
sed -e '/^Files: /s| \([a-z]\)| usr/lib/bellhop/\1|g' -e 's|share/licenses/Apache|/usr/share/common-licenses/Apache|' \
    -e '/^Files: /!s#\(runtime/legal\|share/bellhop[.]cdx\)#/usr/lib/bellhop/&#g' "$home/share/licenses/copyright" \
    >"$root/usr/share/doc/bellhop/copyright"
rm -r "$home/share/bash-completion" "$home/share/zsh" "$home/share/fish" "$home/share/LICENSE" "$home/share/licenses"

# The C library that the manager's own calls need, or that the runtime was linked with if that is a newer one; and
# what else the runtime takes from the system, if it is a distribution's.
binaries=$(find "$home/runtime/bin" "$home/runtime/lib" "$home/lib" -type f \( -name '*.so' -o -path '*/bin/*' \))
# shellcheck disable=SC2086 # several words, without blanks
{
    libc=$({ echo 2.34; LC_ALL=C grep -aoh 'GLIBC_2\.[0-9]*' $binaries | sed 's/GLIBC_//'; } | sort -t . -k 2n | tail -n 1)
    depends="libc6 (>= $libc), passwd"
    ! LC_ALL=C grep -aq 'libz\.so\.1' $binaries || depends="$depends, zlib1g"
    ! LC_ALL=C grep -aq 'libstdc++\.so\.6' $binaries || depends="$depends, libstdc++6"
}

cat >"$work/control/control" <<END
Package: bellhop
Version: $version
Architecture: $architecture
Maintainer: The Bellhop authors <bellhop@localhost>
Installed-Size: $(du -sk --apparent-size "$root" | cut -f 1)
Depends: $depends
Conflicts: connect-proxy
Section: admin
Priority: optional
Description: small service manager for simple Linux systems
 One process looks after all services: on a board, in a container or in a
 user's session. A service is a directory with up to three scripts. Bellhop
 starts it after the services that it requires, restarts it when it dies, and
 stops all processes that belong to it.
 .
 The package starts nothing by itself: it has a unit for systemd that is not
 enabled, and examples for other inits. It brings its own Java runtime.
END
cp src/main/deb/preinst src/main/deb/postinst src/main/deb/prerm src/main/deb/postrm "$work/control/"
chmod 755 "$work/control/preinst" "$work/control/postinst" "$work/control/prerm" "$work/control/postrm"
(cd "$root" && find . -type f -printf '%P\n' | LC_ALL=C sort | xargs -d '\n' md5sum) >"$work/control/md5sums"
chmod 644 "$work/control/control" "$work/control/md5sums"

for part in control:control data:root; do
    tar -C "$work/${part#*:}" --format=gnu --sort=name --owner=0 --group=0 --numeric-owner \
        --mode=u+rw,go+rX,go-w --mtime="$time" -cf - . |
        gzip -n >"$work/${part%:*}.tar.gz"
done
echo 2.0 >"$work/debian-binary"

deb=$target/bellhop_${version}_$architecture.deb
{
    printf '!<arch>\n'
    for part in debian-binary control.tar.gz data.tar.gz; do
        size=$(wc -c <"$work/$part")
        printf '%-16s%-12s%-6s%-6s%-8s%-10s`\n' "$part" "$(date -d "$time" +%s)" 0 0 100644 "$size"
        cat "$work/$part"
        [ $((size % 2)) -eq 0 ] || echo
    done
} >"$deb.new"
mv "$deb.new" "$deb"
rm -rf "$work"
