"""What both line-source kernels share: the line seen from a receptor, the vertical term, the quadrature.

The integral along a line is taken in u, s = foot + w sinh(u), where s is measured along the line, `foot` is the point
nearest to the receptor and w its distance (at least 1 m). Nodes are then dense beside the road, where the plume
changes over metres, and sparse far along it: a few Gauss-Legendre nodes do what a uniform rule needs hundreds for.
"""

import math

import numpy as np

from lcr_kernels._jit import kernel

MINIMUM_DISTANCE_M = 1.0
"""Sources nearer than this are treated as being this far away, as R-LINE does."""

_SQRT_2PI = math.sqrt(2.0 * math.pi)
_WELL_MIXED = 1.6


@kernel
def line_geometry(x0, y0, x1, y1, receptor_x, receptor_y):
    """Return length, unit vector, foot (m along the line from its start) and distance of the receptor from the axis.

    All arguments float64 [m]; returns (length, tangent_x, tangent_y, foot, distance), the distance at least
    `MINIMUM_DISTANCE_M`. A line without length has tangent (0, 0).
    """
    length = math.hypot(x1 - x0, y1 - y0)
    if length == 0.0:
        distance = math.hypot(receptor_x - x0, receptor_y - y0)
        return 0.0, 0.0, 0.0, 0.0, max(distance, MINIMUM_DISTANCE_M)
    tangent_x = (x1 - x0) / length
    tangent_y = (y1 - y0) / length
    to_x = receptor_x - x0
    to_y = receptor_y - y0
    foot = to_x * tangent_x + to_y * tangent_y
    distance = abs(to_x * tangent_y - to_y * tangent_x)
    return length, tangent_x, tangent_y, foot, max(distance, MINIMUM_DISTANCE_M)


@kernel
def within_cutoff(length, foot, distance, cutoff):
    """Part [low, high] of a line, m from its start, that lies within `cutoff` m of the receptor; low >= high if none.

    The cut is on the source point and not on the link, so that a link cut in two gives the same sum.
    """
    if distance >= cutoff:
        return 0.0, 0.0
    half = math.sqrt(cutoff * cutoff - distance * distance)
    return max(0.0, foot - half), min(length, foot + half)


@kernel
def vertical_term(z, h, sigma_z, lid):
    """Vertical distribution of a plume between the ground and a lid, per metre, by images.

    z, h      float64 [m]  heights of receptor and source
    sigma_z   float64 [m]
    lid       float64 [m]  height of the mixed layer; infinite = none
    returns   float64 [1/m]; 1/lid once sigma_z exceeds 1.6 lids, where images and mixing agree to 1e-5
    """
    if sigma_z > _WELL_MIXED * lid:
        return 1.0 / lid
    total = math.exp(-0.5 * ((z - h) / sigma_z) ** 2) + math.exp(-0.5 * ((z + h) / sigma_z) ** 2)
    reach = lid / sigma_z
    if reach < 4.0:
        # Images farther than eight sigma add less than 1e-13.
        for j in range(1, int(4.0 / reach) + 2):
            for side in (-2.0 * j, 2.0 * j):
                total += math.exp(-0.5 * ((z - h + side * lid) / sigma_z) ** 2)
                total += math.exp(-0.5 * ((z + h + side * lid) / sigma_z) ** 2)
    return total / (_SQRT_2PI * sigma_z)


def gauss_legendre(nodes):
    """Nodes and weights of a Gauss-Legendre rule on [-1, 1], as two contiguous float64 arrays."""
    points, weights = np.polynomial.legendre.leggauss(nodes)
    return np.ascontiguousarray(points), np.ascontiguousarray(weights)
