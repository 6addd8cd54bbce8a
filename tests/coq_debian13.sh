#!/usr/bin/env bash
# Compile the Coq development, and build and try its extracted checker, with the Coq and MathComp of Debian 13.
#   tests/coq_debian13.sh                        in a system of its own, made for this and thrown away
#   KEEP=/srv/trixie tests/coq_debian13.sh       in one that is kept there, and made where there is none
#   MIRROR=URL tests/coq_debian13.sh             packages from there, not from where apt has its own
# Wants root, debootstrap and 3 GB. compiled.json stays as it is: it holds what Debian 12's Coq prints.
set -euo pipefail
cd "$(dirname "$0")/.."
mirror=${MIRROR:-$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Label: Debian' | head -n 1)}
[ -n "$mirror" ] || { echo "apt has no mirror of Debian here: give one as MIRROR" >&2; exit 1; }

if [ -n "${KEEP:-}" ]; then
  root=$KEEP
else
  root=$(mktemp -d)
  trap 'rm -rf --one-file-system "$root"' EXIT
  chmod 755 "$root" # apt reads there as a user of its own
fi
# inside COMMAND...: what apt and Coq need of the environment, and no more.
inside() { chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@"; }

# In two steps, for debootstrap does not resolve the virtual packages that say which compiled libraries fit together.
if [ ! -e "$root/usr/bin/apt-get" ]; then
  debootstrap --variant=minbase trixie "$root" "$mirror" >"$root.log" 2>&1 || { tail "$root.log" >&2; exit 1; }
  rm "$root.log"
fi
inside apt-get -o Dpkg::Use-Pty=0 install -y -qq --no-install-recommends make python3 coq \
  libcoq-mathcomp-{ssreflect,algebra,algebra-tactics,zify} ocaml ocaml-findlib libzarith-ocaml-dev >/dev/null

rm -rf "$root/development"
mkdir "$root/development"
cp -r Makefile proofs_check "$root/development"
inside make -C /development prove
inside make -C /development checker-ocaml
inside sh -c 'cd /development && build/checker-ocaml proofs_check/certificates/two-state-9-10.json'
