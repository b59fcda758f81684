#!/bin/sh
# Install the packages that the dev cluster needs: a real Slurm and munge, about 13 MB, no service started.
#
#   sudo slurm/devcluster/install.sh                  what the tests use
#   sudo slurm/devcluster/install.sh --accounting     also slurmdbd and MariaDB (190 MB), for `devcluster start --accounting`
#   … --print                                         only say what would be installed
#
# Debian or Ubuntu, as root. Nothing of ours goes outside the packages' own places.
set -eu

packages="slurmctld slurmd slurm-client munge"
only_print=""
for word in "$@"; do
  case $word in
    --accounting) packages="$packages slurmdbd mariadb-server" ;;
    --print) only_print=yes ;;
    *) printf 'slurm packages: no such option: %s; there are --accounting and --print\n' "$word" >&2; exit 2 ;;
  esac
done

say() { printf 'slurm packages: %s\n' "$*"; }
fail() { printf 'slurm packages: %s\n' "$*" >&2; exit 2; }

missing=""
for package in $packages; do
  status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
  [ "$status" = installed ] || missing="$missing $package"
done

[ -n "$missing" ] || { say "all there ($packages)"; exit 0; }
say "to install with apt-get:$missing"
[ -z "$only_print" ] || exit 0

command -v apt-get >/dev/null || fail "no apt-get here: install Slurm and munge with this system's own package manager"
[ "$(id -u)" -eq 0 ] || fail "installing needs root: sudo $0"

# On a machine whose init starts services at installation, Slurm's own units would complain for want of a
# slurm.conf; the dev cluster runs its own daemons. A policy that is already there is left alone.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  trap 'rm -f "$policy"' EXIT
  trap 'exit 130' INT TERM
  printf '#!/bin/sh\nexit 101\n' > "$policy"
  chmod 755 "$policy"
fi

export DEBIAN_FRONTEND=noninteractive
options="-o DPkg::Lock::Timeout=300"
# shellcheck disable=SC2086
apt-get $options update -q || fail "apt-get update failed: is this machine online?"
# shellcheck disable=SC2086
apt-get $options install -y -q --no-install-recommends $missing || fail "apt-get could not install:$missing"
say "installed: $(dpkg-query -W -f '${Package} ${Version}, ' $packages)"
