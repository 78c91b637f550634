#!/usr/bin/env bash
# Compiles LAME and FFmpeg into a Lambda layer: compile.sh ARCH SOURCES OUTPUT
#
# Runs in an empty folder. The same compiler makes the same bytes of the same sources, wherever that
# folder is: paths are relative, and neither time nor machine gets in.
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
arch="$1"
sources="$2"
output="$3"
# shellcheck source=target.sh
. "$here/target.sh"
export LC_ALL=C TZ=UTC SOURCE_DATE_EPOCH=0

# What is read was sent by strangers: addresses are random, buffers guarded, tables read-only.
hardened='-fPIE -fstack-protector-strong -D_FORTIFY_SOURCE=2'
static='-static-pie -Wl,-z,relro,-z,now,--build-id=none'

# --enable-demuxer=aac,… and so on, for every kind in components.json. `configure` knows a component
# by the first of its names, and a few by another one.
component_options() {
  # shellcheck disable=SC2016
  node --input-type=commonjs --eval '
    const { demuxers, probes, filtersOfFfmpegItself, configureNames, ...others } = require(process.argv[1]);
    const kinds = { ...others, demuxers: [...demuxers, ...probes] };
    for (const [kind, components] of Object.entries(kinds)) {
      const names = components.map((component) => component.split(",")[0]);
      const known = names.map((name) => configureNames[name] ?? name);
      console.log(`--enable-${kind.slice(0, -1)}=${known.join()}`);
    }
  ' "$here/components.json"
}

compile_lame() (
  cd lame-*
  ./configure --quiet --host="$triplet" --prefix=/ --disable-shared --disable-frontend \
    --disable-decoder --disable-dependency-tracking \
    CC="${cross}gcc" CFLAGS="-O3 $hardened" LIBS=-lm
  make --silent --jobs="$(nproc)"
  make --silent install DESTDIR="$PWD/../lame"
)

compile_ffmpeg() (
  mapfile -t components < <(component_options)
  cd ffmpeg-*
  ./configure --prefix=/opt \
    --arch="$machine" --target-os=linux ${cross:+--enable-cross-compile --cross-prefix="$cross"} \
    --disable-everything --disable-autodetect --disable-iconv --disable-doc --disable-debug --disable-avdevice \
    --disable-postproc --disable-swscale --disable-ffplay --disable-ffprobe \
    --enable-pthreads --enable-libmp3lame "${components[@]}" \
    --extra-cflags="$hardened -I../lame/include" \
    --extra-ldflags="-L../lame/lib" --extra-ldexeflags="$static"
  make --jobs="$(nproc)" ffmpeg
)

# Programs of our own that go with it: cage.c becomes ffmpeg-cage.
compile_own() {
  local program
  for program in "$here"/*.c; do
    # shellcheck disable=SC2086
    "${cross}gcc" -O2 -s $hardened $static -o "$1/ffmpeg-$(basename "$program" .c)" "$program"
  done
}

# What must be known of a binary to make it again.
describe() {
  echo "ffmpeg: $(cat ffmpeg-*/RELEASE)"
  echo "license: $(sed -n 's/^#define FFMPEG_LICENSE "\(.*\)"/\1/p' ffmpeg-*/config.h)"
  echo "architecture: $arch"
  echo "compiler: $("${cross}gcc" --version | head -n 1)"
  echo "parsers: $(sed -n 's/^#define CONFIG_\(.*\)_PARSER 1$/\L\1/p' ffmpeg-*/config_components.h | xargs)"
  echo "configure: $(sed -n 's/^#define FFMPEG_CONFIGURATION "\(.*\)"/\1/p' ffmpeg-*/config.h)"
  sed 's/^/source: /' "$here/sources.sha256"
}

while read -r _ source; do tar -xf "$sources/$source"; done <"$here/sources.sha256"
compile_lame
compile_ffmpeg
mkdir -p "$output/bin" "$output/licenses"
cp ffmpeg-*/ffmpeg "$output/bin/ffmpeg"
shopt -s nullglob
compile_own "$output/bin"
cp ffmpeg-*/COPYING.LGPLv2.1 "$output/licenses/ffmpeg.txt"
cp lame-*/COPYING "$output/licenses/lame.txt"
describe >"$output/VERSION"
