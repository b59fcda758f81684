"""Line sources, slowly: one formula a line, integrated by adaptive quadrature."""

from __future__ import annotations

import itertools
import math

from scipy.integrate import quad


def briggs_sigma(x, c):
    return c[0] * x * (1 + c[1] * x) ** c[2]


def point_plume(x, y, z, h, sigma_y, sigma_z, lid=math.inf):
    """Concentration of 1 g/s in a wind of 1 m/s, g/m³, with fifty images under the lid."""
    vertical = math.exp(-((z - h) ** 2) / (2 * sigma_z**2)) + math.exp(-((z + h) ** 2) / (2 * sigma_z**2))
    if math.isfinite(lid):
        for j in range(1, 51):
            for mirror in (z - h + 2 * j * lid, z - h - 2 * j * lid, z + h + 2 * j * lid, z + h - 2 * j * lid):
                vertical += math.exp(-(mirror**2) / (2 * sigma_z**2))
    return vertical * math.exp(-(y**2) / (2 * sigma_y**2)) / (2 * math.pi * sigma_y * sigma_z)


def briggs_line(line, receptor, wind_speed, wind_from_deg, sigma_y, sigma_z, lid=math.inf, cutoff=math.inf):
    """µg/m³ at a receptor from a line of 1 g/m/s."""
    x0, y0, x1, y1, h, _, initial = line
    length = math.hypot(x1 - x0, y1 - y0)
    theta = math.radians(270 - wind_from_deg)

    def response(s):
        dx = receptor[0] - (x0 + (x1 - x0) * s / length)
        dy = receptor[1] - (y0 + (y1 - y0) * s / length)
        x = dx * math.cos(theta) + dy * math.sin(theta)
        y = dy * math.cos(theta) - dx * math.sin(theta)
        if x <= 0 or math.hypot(dx, dy) > cutoff:
            return 0.0
        x = max(x, 1.0)
        z = math.hypot(briggs_sigma(x, sigma_z), initial)
        return point_plume(x, y, receptor[2], h, briggs_sigma(x, sigma_y), z, lid)

    # Many panels, so that quad meets no plume narrower than a panel can see.
    edges = [length * k / 200 for k in range(201)]
    total = sum(
        quad(response, a, b, epsabs=0, epsrel=1e-7, limit=100, full_output=1)[0] for a, b in itertools.pairwise(edges)
    )
    return 1e6 * total / wind_speed
