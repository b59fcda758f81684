# Environment of a run on a cluster. Source it on the login node, or at the head of a job, before `lcr run`:
#
#   . slurm/env.sh
#
# Jobs inherit what is set here (sbatch --export=ALL). What is already set stays as it is.

# ---- Site facts: what differs from site to site is in this block ---------------------------------------------
# The Python environment, if it is not beside this checkout. Modules are named in the profile (lcr_modules): `lcr run`
# loads them for its jobs.
#   . "$HOME/lcr-hpc/.venv/bin/activate"
: "${LCR_MPI:=pmi2}"              # what `srun` speaks to the ranks: pmi2 for the mpich wheel, pmix for Open MPI 5
: "${LCR_NODE_DISK:=${TMPDIR:-/tmp}}"  # a disk of each node itself: never NFS or Lustre
# --------------------------------------------------------------------------------------------------------------

# A plain `srun` by hand then starts ranks that find each other; the profiles name it themselves.
export SLURM_MPI_TYPE="${SLURM_MPI_TYPE:-$LCR_MPI}"

# One parallelism at a time: a rank or worker has one thread unless the profile gives it more. Dask sets the first
# three for its workers, but nobody sets Numba's, which else takes every core of the node in every process.
for _lcr_name in OMP_NUM_THREADS MKL_NUM_THREADS OPENBLAS_NUM_THREADS BLIS_NUM_THREADS NUMBA_NUM_THREADS; do
  eval "export $_lcr_name=\"\${$_lcr_name:-\${SLURM_CPUS_PER_TASK:-1}}\""
done
# Numba's own work queue ends the process when two threads use it at once; TBB needs a library path of its own.
export NUMBA_THREADING_LAYER="${NUMBA_THREADING_LAYER:-omp}"

# Compiled kernels: on the node's own disk, apart for each user, cluster, CPU type and set of packages. On a shared
# disk cold processes compile against each other, and a node of another CPU type would find foreign code.
if [ -z "${NUMBA_CACHE_DIR:-}" ]; then
  _lcr_cpu=$(grep -E '^(model name|flags)' /proc/cpuinfo 2> /dev/null | sort -u | cksum | cut -d' ' -f1)
  _lcr_lock=0
  for _lcr_home in "$(dirname -- "${BASH_SOURCE:-$0}")/.." .; do
    [ "$_lcr_lock" = 0 ] && [ -f "$_lcr_home/requirements.lock" ] || continue
    _lcr_lock=$(cksum < "$_lcr_home/requirements.lock" | cut -d' ' -f1)
  done
  export NUMBA_CACHE_DIR="$LCR_NODE_DISK/lcr-numba-$(id -u)/${SLURM_CLUSTER_NAME:-$(uname -n)}-$_lcr_cpu-$_lcr_lock"
fi
unset _lcr_name _lcr_cpu _lcr_home _lcr_lock
