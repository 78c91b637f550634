# What is built, and with what: sourced by the other scripts with `arch` set or empty.
#
#   arch     as Lambda calls it: x86_64 or arm64; this machine's when empty
#   machine  as the compiler calls it
#   triplet  of the compiler and its libraries
#   cross    what the compiler's name begins with when it is not this machine's own
#   debian   as Debian's packages call it
# shellcheck shell=bash disable=SC2034

case "${arch:-$(uname -m)}" in
  x86_64) arch=x86_64 machine=x86_64 debian=amd64 ;;
  arm64 | aarch64) arch=arm64 machine=aarch64 debian=arm64 ;;
  *) echo "There is a layer for x86_64 and for arm64, not for ${arch:-$(uname -m)}." >&2 && exit 2 ;;
esac
triplet="$machine-linux-gnu"
if [ "$(uname -m)" = "$machine" ]; then cross=''; else cross="$triplet-"; fi
