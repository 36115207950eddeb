# Writes the ELF header of an empty shared library for ARCH: only by the class of their ELF files does rpm know that the
# 32-bit and the 64-bit build of one package may live side by side.
# usage: sh empty-library.sh ARCH > FILE
case $1 in
  i686) class=1 machine=3 rest=31 ;;
  x86_64) class=2 machine=76 rest=43 ;;
  aarch64) class=2 machine=267 rest=43 ;;
  *) echo "empty-library.sh: i686, x86_64 or aarch64 expected, found '$1'" >&2; exit 2 ;;
esac
printf "\\177ELF\\$class\\1\\1"
head -c 9 /dev/zero
printf "\\3\\0\\$machine\\0\\1"
head -c "$rest" /dev/zero
