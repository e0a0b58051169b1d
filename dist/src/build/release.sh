#!/bin/sh
# usage: release.sh [--only-this-architecture] DIRECTORY [MAVEN-ARGUMENT...]
# Makes the files of a release in a directory that is not there yet: the archive of the sources of the commit that is
# checked out, and, built from that archive and from nothing else, for each architecture the archive of the image, the
# package for dpkg and the list of components; last SHA256SUMS. -Dother.jdk=DIR is a JDK for the other architecture.
set -eu
umask 022
clone=$(dirname "$(readlink -f "$0")")/../../..

fail() {
    echo "release.sh: $1" >&2
    exit 1
}

architectures="x86_64 aarch64"
if [ "${1-}" = --only-this-architecture ]; then
    architectures=$(uname -m)
    shift
fi
case ${1-} in
    "" | -*)
        sed -n 's/^# usage/usage/p' "$0" >&2
        exit 64
        ;;
    *[!/]*) target=$(realpath -ms -- "$1") ;;
    *) target=/ ;;
esac
shift
[ ! -e "$target" ] || fail "$target is there already; expected a new directory"

# shellcheck source=tools.sh disable=SC1091 # it is checked by itself
. "$clone/dist/src/build/tools.sh"
find_tools release.sh
cd "$clone"
changed=$(git status --porcelain) || fail "$PWD is no clone of a git repository, of which the sources are taken"
[ -z "$changed" ] || fail "these are not committed, or not ignored: $(echo "$changed" | cut -c 4- | tr '\n' ' ')"
name=bellhop-$(sed -n 's|^  <version>\(.*\)</version>$|\1|p' pom.xml)

work=$(mktemp -d "${TMPDIR:-/tmp}/release.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
mkdir "$work/release"
git -c tar.umask=0022 archive --format=tar --prefix="$name/" HEAD | gzip -9n >"$work/release/$name.tar.gz"
tar -C "$work" -xzf "$work/release/$name.tar.gz"
cd "$work/$name"
mvn -B -ntp package -pl dist -am -Dmaven.test.skip=true -Dspotless.check.skip=true "$@"

for architecture in $architectures; do
    [ -e "dist/target/$name-linux-$architecture.tar.gz" ] ||
        fail "no archive for $architecture was made; give a JDK for it by -Dother.jdk=DIR"
done
cp dist/target/bellhop-*.tar.gz dist/target/bellhop-*.cdx.json dist/target/bellhop_*.deb "$work/release"
cd "$work/release"
sha256sum -- * >../SHA256SUMS
mv ../SHA256SUMS .
mkdir -p "$(dirname "$target")"
cp -R "$work/release" "$target"
echo "release.sh: $target has $name for $architectures"
