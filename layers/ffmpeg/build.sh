#!/usr/bin/env bash
# Builds the ffmpeg of the Lambda layer: build.sh [--arch x86_64|arm64]
#
# A machine builds once: the result is kept by the hash of the recipe, its sources and the
# architecture. See README.md.
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"

if [ "$(uname -s)" != Linux ]; then
  echo 'The layer is built on Linux; elsewhere in a container: see layers/ffmpeg/README.md.' >&2
  exit 1
fi
case "$# ${1:-}" in
  '0 ') arch='' ;;
  '2 --arch') arch="$2" ;;
  *) sed -n '2s/^# //p' "$0" >&2 && exit 2 ;;
esac
# shellcheck source=target.sh
. "$here/target.sh"

cache="${XDG_CACHE_HOME:-$HOME/.cache}/soundlift/ffmpeg"
layer="$here/$arch"

hash_recipe() (
  cd "$here"
  shopt -s nullglob
  { echo "$arch" && cat compile.sh components.json sources.sha256 target.sh ./*.c; } |
    sha256sum | cut -c -16
)

# What Debian calls the tools that are not there.
missing_packages() {
  local gcc=gcc libc=libc6-dev
  if [ -n "$cross" ]; then
    gcc="gcc-${triplet//_/-}"
    libc="libc6-dev-$debian-cross"
  fi
  command -v make >/dev/null || echo make
  command -v xz >/dev/null || echo xz-utils
  command -v "${cross}gcc" >/dev/null || echo "$gcc"
  [ -e "$("${cross}gcc" --print-file-name=libc.a 2>/dev/null)" ] || echo "$libc"
  if [ "$arch" = x86_64 ] && ! command -v nasm >/dev/null; then echo nasm; fi
}

install_tools() {
  local packages
  mapfile -t packages < <(missing_packages)
  if [ "${#packages[@]}" -eq 0 ]; then return; fi
  if [ ! -e /etc/debian_version ] || [ "$(id -u)" -ne 0 ]; then
    echo "To build ffmpeg, install what Debian calls: ${packages[*]}" >&2
    exit 1
  fi
  echo "Installing ${packages[*]} …"
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${packages[@]}" \
    >/dev/null
}

# Into the cache, under the name of the recipe.
build() {
  local recipe="$1" folder
  install_tools
  "$here/fetch-sources.sh" "$cache/sources"
  echo "Building ffmpeg for $arch, which takes some minutes …"
  folder="$(mktemp -d "$cache/building-XXXXXX")"
  mkdir "$folder/work" "$folder/layer"
  if ! (cd "$folder/work" && "$here/compile.sh" "$arch" "$cache/sources" "$folder/layer") \
    >"$folder/log" 2>&1; then
    tail -n 40 "$folder/log" >&2
    echo "ffmpeg could not be built; all of it is in $folder" >&2
    exit 1
  fi
  echo "recipe: $recipe" >>"$folder/layer/VERSION"
  # Another build may have been faster, with the same result.
  mv -T "$folder/layer" "$cache/$recipe" 2>/dev/null || [ -d "$cache/$recipe" ]
  rm -rf "$folder"
}

recipe="$(hash_recipe)"
if ! grep -qsx "recipe: $recipe" "$layer/VERSION"; then
  [ -d "$cache/$recipe" ] || build "$recipe"
  rm -rf "$layer"
  cp -a "$cache/$recipe" "$layer"
fi
# Where Soundlift looks for an ffmpeg that this machine can run.
if [ -z "$cross" ]; then ln -sfnT "$arch/bin" "$here/bin"; fi
echo "layers/ffmpeg/$arch is there ($(du -sk "$layer" | cut -f 1) KiB)"
