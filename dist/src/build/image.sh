#!/bin/sh
# Puts target/bellhop together, of the runtime and the jars that Maven has put into target, trains its
# caches, and packs it as target/bellhop-VERSION-linux-ARCH.tar.gz and as a package for dpkg, with the list of its
# components beside them, unless the second argument says `true` for not; likewise target/other/bellhop, for the other
# architecture, but for the caches, if there is a JDK of that.
# Called by Maven in dist/, with the version; the third argument is that JDK's folder, or `none`, the
# fourth has the modules of the runtime, and the fifth says `true` if no caches are to be trained.
set -eu
umask 022
version=$1 skip=$2 other_jdk=$3 modules=$4 untrained=$5
image=target/bellhop.new

fail() {
    echo "image.sh: $1" >&2
    exit 1
}

[ -s target/components.json ] ||
    fail "no list of components was made, because Maven leaves the plugin for it out with --offline; build without that (no network is needed once all is in the local repository)"

rm -rf $image
mkdir -p $image/bin $image/lib $image/plugins $image/share/man/man1 $image/share/man/man5 \
    $image/share/man/man7 $image/share/schema $image/share/bash-completion/completions \
    $image/share/zsh/site-functions $image/share/fish/vendor_completions.d $image/share/init $image/share/licenses
mv target/runtime $image/runtime

# Names of functions, for debuggers only: a sixth of the JVM's library. It exports those that it needs.
# A strip for another kind of machine leaves them as they are.
if command -v strip >/dev/null; then
    strip $image/runtime/lib/*.so $image/runtime/lib/server/*.so || :
fi

# The caches are good for jars of this time only, and so is the archive's copy of them.
time='2026-01-01 00:00:00 UTC'

# shellcheck source=tools.sh disable=SC1091 # it is checked by itself
. src/build/tools.sh
find_jdk_25 || fail "no JDK 25 of this machine found, for its jar and jlink"

# Of junixsocket's jar, which has all classes six times, those that this runtime takes.
(
    rm -rf target/flat
    mkdir target/flat
    cd target/flat
    "$JAVA_HOME/bin/jar" --extract --file ../jars/junixsocket-common.jar
    for release in $(cd META-INF/versions && printf '%s\n' * | sort -n); do
        cp -R "META-INF/versions/$release/." .
    done
    rm -r META-INF/versions
    sed -i '/^Multi-Release:/d' META-INF/MANIFEST.MF
    find . -type f ! -name MANIFEST.MF | LC_ALL=C sort >../flat.files
    "$JAVA_HOME/bin/jar" --create --file ../jars/junixsocket-common.jar --date 2026-01-01T00:00:00Z \
        --manifest META-INF/MANIFEST.MF @../flat.files
)
rm -r target/flat target/flat.files

classpath=
for jar in target/jars/*.jar; do
    cp "$jar" $image/lib/
    touch -d "$time" "$image/lib/${jar##*/}"
    classpath=$classpath:\$bh_home/lib/${jar##*/}
done
own=$(uname -m)
case $own in
    x86_64) other=aarch64 ;;
    aarch64) other=x86_64 ;;
    *) fail "no image for $own, only for x86_64 and aarch64" ;;
esac

# The native library of an architecture, for an image.
copy_library() {
    case $1 in
        x86_64) native=amd64 ;;
        *) native=$1 ;;
    esac
    cp target/native/lib/"$native"-Linux-clang/jni/libjunixsocket-native-*.so "$2/lib/libjunixsocket.so"
}
copy_library "$own" $image

for program in bh bh-start; do
    sed -e "s|@CLASSPATH@|${classpath#:}|" -e "s|@VERSION@|$version|" src/main/bin/$program >$image/bin/$program
    chmod 755 $image/bin/$program
done
for program in escort connect semaphore state; do ln -s bh $image/bin/$program; done
for program in bh-stop bh-stopall bh-status bh-require bh-release; do ln -s bh-start $image/bin/$program; done

# Bash and fish look for a file of the program's name.
cp ../share/completion/bash/bh $image/share/bash-completion/completions/
cp ../share/completion/zsh/_bh $image/share/zsh/site-functions/
cp ../share/completion/fish/bh.fish $image/share/fish/vendor_completions.d/
for program in bh-start bh-stop bh-stopall bh-status bh-require bh-release; do
    ln -s bh $image/share/bash-completion/completions/$program
    ln -s bh.fish $image/share/fish/vendor_completions.d/$program.fish
done

cp src/main/train.sh $image/lib/
chmod 755 $image/lib/train.sh

cp src/main/plugins/README target/plugins/*.jar $image/plugins/
cp ../docs/man/*.1 $image/share/man/man1/
cp ../docs/man/*.5 $image/share/man/man5/
cp ../docs/man/*.7 $image/share/man/man7/
cp ../share/schema/*.json $image/share/schema/
cp -R ../services.d $image/share/services.d
cp ../LICENSE ../CHANGELOG.md $image/share/
cp src/main/licenses/Apache-2.0 $image/share/licenses/
# In such a file an empty line is a full stop.
{
    sed '/@LICENSE@/,$d' src/main/licenses/copyright
    sed -e 's/^/ /' -e 's/^ *$/ ./' ../LICENSE
    sed '1,/@LICENSE@/d' src/main/licenses/copyright
} >$image/share/licenses/copyright
cp src/main/init/* $image/share/init/
cp src/main/install $image/
chmod 755 $image/install $image/share/init/openrc $image/share/init/runit

# The list of components of the image $1: Maven's, and the runtime, of the vendor $2 in the version $3. JLine's licence
# has three clauses; its pom calls it "The BSD License", which the plugin takes for the one with four.
write_components() {
    cat >target/runtime.json <<END
    {
      "type" : "platform",
      "bom-ref" : "pkg:generic/openjdk@$(echo "$3" | sed 's/+/%2B/g')",
      "publisher" : "$2",
      "name" : "openjdk",
      "version" : "$3",
      "description" : "The Java runtime of the image: $modules",
      "licenses" : [
        {
          "expression" : "GPL-2.0-only WITH Classpath-exception-2.0"
        }
      ],
      "cpe" : "cpe:2.3:a:oracle:openjdk:${3%%[!0-9.]*}:*:*:*:*:*:*:*",
      "purl" : "pkg:generic/openjdk@$(echo "$3" | sed 's/+/%2B/g')"
    },
END
    sed -e '/^  "components" : \[$/r target/runtime.json' -e 's/"BSD-4-Clause"/"BSD-3-Clause"/' \
        target/components.json >"$1/share/bellhop.cdx.json"
    rm target/runtime.json
}
property() {
    "$image/runtime/bin/java" -XshowSettings:properties -version 2>&1 | sed -n "s/^ *$1 = //p"
}
write_components $image "$(property java.vendor)" "$(property java.runtime.version)"

if [ "$untrained" = true ]; then
    : >$image/lib/untrained
else
    $image/lib/train.sh
fi

# What runs from the old image goes on: its files are unlinked, not overwritten.
rm -rf target/bellhop.old target/bellhop-*.tar.gz target/bellhop-*.cdx.json target/bellhop_*.deb target/other
[ ! -d target/bellhop ] || mv target/bellhop target/bellhop.old
mv $image target/bellhop
rm -rf target/bellhop.old

# Owner, order and times are the same on every machine.
pack() {
    name=bellhop-$version-linux-$1
    tar -C "$2" --transform "s|^bellhop|$name|S" --sort=name --owner=0 --group=0 --numeric-owner \
        --mtime="$time" -cf - bellhop | gzip -n >"target/$name.tar.gz"
    src/build/deb.sh "$2/bellhop" "$version" "$1" target
    cp "$2/bellhop/share/bellhop.cdx.json" "target/$name.cdx.json"
}
[ "$skip" != true ] || exit 0
pack "$own" target

# The same for the other architecture, without running anything of it.
is_other_jdk() {
    grep -q "^OS_ARCH=\"$other\"" "$1/release" 2>/dev/null && [ -f "$1/jmods/java.base.jmod" ]
}
if [ "$other_jdk" != none ]; then
    is_other_jdk "$other_jdk" || fail "-Dother.jdk=$other_jdk: expected the folder of a JDK for $other, with release and jmods"
else
    for jdk in /usr/lib/jvm/*; do
        ! is_other_jdk "$jdk" || other_jdk=$jdk
    done
fi
if [ "$other_jdk" = none ]; then
    echo "image.sh: no archive for $other, because no JDK for it is given (-Dother.jdk=DIR) or found in /usr/lib/jvm; src/build/jdk-for gets one"
    exit 0
fi
mkdir target/other
cp -R target/bellhop target/other/
image=target/other/bellhop
rm -rf $image/runtime $image/lib/*.aot
copy_library "$other" $image
: >$image/lib/untrained # also for whoever unpacks it over one whose caches are of other jars
"$JAVA_HOME/bin/jlink" --module-path "$other_jdk/jmods" --add-modules "$modules" \
    --strip-java-debug-attributes --exclude-files '**.debuginfo' --no-header-files --no-man-pages --compress zip-9 \
    --output $image/runtime || fail "the JDK in $JAVA_HOME cannot link the one for $other in $other_jdk"
# shellcheck disable=SC1091 # of the other JDK
write_components $image "$(. "$other_jdk/release" && echo "${IMPLEMENTOR-unknown}")" \
    "$(. "$other_jdk/release" && echo "${JAVA_RUNTIME_VERSION-$JAVA_VERSION}")"
pack "$other" target/other
