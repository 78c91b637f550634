#!/usr/bin/env bash
# Gets the files of sources.sha256 into a folder: fetch-sources.sh FOLDER
#
# What is not there comes from Debian's source packages, which hold the very files of upstream, or
# else from upstream. Wherever it is from: only the file with the right checksum is taken.
set -euo pipefail
sums="$(cd "$(dirname "$0")" && pwd)/sources.sha256"
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
folder="$1"

private="$(mktemp -d)"
trap 'rm -rf "$private"' EXIT

is_right() { (cd "$1" && grep " $2\$" "$sums" | sha256sum --check --status 2>/dev/null); }

# An apt of our own, which knows Debian's sources alone: the system's lists stay as they are.
prepare_apt() {
  export APT_CONFIG="$private/apt.conf"
  if [ -e "$APT_CONFIG" ]; then return; fi
  command -v apt-get >/dev/null && [ -e "$keyring" ] || return
  mkdir -p "$private/state/lists/partial" "$private/cache/archives/partial"
  cat >"$private/sources.list" <<LIST
deb-src [signed-by=$keyring] http://deb.debian.org/debian trixie main
deb-src [signed-by=$keyring] http://deb.debian.org/debian-security trixie-security main
LIST
  cat >"$APT_CONFIG" <<CONF
Dir::State "$private/state";
Dir::State::status "/dev/null";
Dir::Cache "$private/cache";
Dir::Etc::SourceList "$private/sources.list";
Dir::Etc::SourceParts "/dev/null";
APT::Sandbox::User "root";
CONF
  apt-get update -qq
}

from_debian() {
  prepare_apt || return
  (cd "$private" && apt-get source -qq --download-only --only-source "$1" >/dev/null) || return
  mv "$private/$1_$2.orig.tar."?? "$private/$3"
}

from_upstream() {
  local url
  case "$1" in
    ffmpeg) url="https://ffmpeg.org/releases/$3" ;;
    lame) url="https://downloads.sourceforge.net/project/lame/lame/$2/$3" ;;
  esac
  curl --fail --silent --show-error --location --max-time 300 --output "$private/$3" "$url"
}

fetch() {
  local file="$1" name version from
  name="${file%%-*}"
  version="${file#*-}"
  version="${version%.tar.*}"
  for from in from_debian from_upstream; do
    if "$from" "$name" "$version" "$file" && is_right "$private" "$file"; then
      mv "$private/$file" "$folder/$file"
      return
    fi
    echo "No $file with the right checksum ${from/_/ }." >&2
  done
  echo "There is no $file to be had. Put it into $folder, or see README.md." >&2
  exit 1
}

mkdir -p "$folder"
while read -r _ file; do
  is_right "$folder" "$file" || fetch "$file"
done <"$sums"
