#!/bin/sh
# Builds the upstream of `npm start` from specs/ and metadata/: a second run on the same machine writes the same bytes.
# usage: build.sh [DIR]      DIR (default: upstream/ beside this file) is replaced
# Needs rpmbuild, createrepo_c and modifyrepo_c; no root, no network.
set -eu
umask 022
export LC_ALL=C.UTF-8 TZ=UTC

demo=$(cd "$(dirname "$0")" && pwd)
out=${1:-$demo/upstream}
epoch=1749427200 # 2025-06-09: the repository's own date; each package takes the date of its newest changelog entry
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
unset SOURCE_DATE_EPOCH # would override the changelogs

# Modes, owners and times of the checkout do not reach the source package.
mkdir "$work/specs"
install -m 644 "$demo"/specs/* "$work/specs"

# build -bb|-bs ARCH SPEC...   noarch packages come from their spec's own BuildArch
build() {
  what=$1 arch=$2
  shift 2
  for spec; do # one rpmbuild each: within one process the first spec's date would serve for all
    rpmbuild --quiet "$what" --target "$arch-linux" \
      --define "_topdir $work" \
      --define "_dbpath $work/rpmdb" \
      --define "_sourcedir $work/specs" \
      --define "_rpmdir $work/rpms" \
      --define "_srcrpmdir $work/rpms" \
      --define '_rpmfilename %%{NAME}-%%{VERSION}-%%{RELEASE}.%%{ARCH}.rpm' \
      --define 'vendor Harbour Works' \
      --define '_vendor harbour' \
      --define '_buildhost build.harbour.example' \
      --define 'source_date_epoch_from_changelog 1' \
      --define 'use_source_date_epoch_as_buildtime 1' \
      --define 'clamp_mtime_to_source_date_epoch 1' \
      --define '_srcdefattr (-,root,root)' \
      --define 'debug_package %{nil}' \
      --define '_build_id_links none' \
      --define '__os_install_post %{nil}' \
      --define '_binary_payload w9.gzdio' \
      --define '_source_payload w9.gzdio' \
      --define '_binary_filedigest_algorithm 8' \
      --define '_source_filedigest_algorithm 8' \
      "$spec" >/dev/null
  done
}

cd "$work/specs"
build -bb x86_64 ./*.spec
build -bb i686 ./foghorn-*.spec
build -bb aarch64 ./foghorn-1.5.0.spec ./lighthouse-2.0.spec
build -bs x86_64 ./tide-clock-0.7.spec

tree=$work/upstream
for rpm in "$work"/rpms/*.rpm; do
  name=$(basename "$rpm")
  folder=$tree/Packages/$(printf %.1s "$name")
  mkdir -p "$folder"
  touch -d "@$(rpm -qp --dbpath "$work/rpmdb" --qf '%{BUILDTIME}' "$rpm")" "$rpm"
  mv "$rpm" "$folder/"
done

# gz, not xz or zstd: yum 3 reads it too. modifyrepo_c stamps the present time, hence the last line.
createrepo_c --quiet --workers 1 --no-database --general-compress-type gz --groupfile "$demo/metadata/comps.xml" \
  --revision "$epoch" --set-timestamp-to-revision "$tree"
for document in modules.yaml updateinfo.xml; do
  modifyrepo_c --compress-type gz "$demo/metadata/$document" "$tree/repodata" >/dev/null
done
sed -i "s|<timestamp>[0-9]*<|<timestamp>$epoch<|" "$tree/repodata/repomd.xml"
find "$tree/repodata" -type f -exec touch -d "@$epoch" {} +

rm -rf "$out"
mkdir -p "$(dirname "$out")"
mv "$tree" "$out"
