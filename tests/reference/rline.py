"""R-LINE, slowly: the published equations one by one, and two thousand midpoints along the line."""

from __future__ import annotations

import math


def psi(z, obukhov):
    if obukhov > 0:
        return -17 * (1 - math.exp(-0.29 * z / obukhov))
    x = (1 - 16 * z / obukhov) ** 0.25
    return 2 * math.log((1 + x) / 2) + math.log((1 + x**2) / 2) - 2 * math.atan(x) + math.pi / 2


class Hour:
    def __init__(self, ustar, obukhov, z0, mixing_height, wind_speed, wind_from, reference_height, sigma_v):
        self.ustar, self.obukhov, self.z0, self.zi, self.sigma_v = ustar, obukhov, z0, mixing_height, sigma_v
        self.floor = max(4.47 * ustar, math.sqrt(2) * sigma_v, 0.2828)
        self.theta = math.radians(270 - wind_from)
        self.scale = wind_speed / self.profile(reference_height)

    def profile(self, z):
        above = z - 5 * self.z0
        if above <= self.z0:
            return self.floor
        law = self.ustar / 0.4 * (math.log(above / self.z0) - psi(above, self.obukhov) + psi(self.z0, self.obukhov))
        return max(law, self.floor)

    def wind(self, z):
        return max(self.profile(z) * self.scale, self.floor)

    def sigma_z(self, x, wind):
        r, length = self.ustar / wind, abs(self.obukhov)
        if self.obukhov > 0:
            return 0.7 * r * x / (1 + 1.5 * r * (x / length) ** (2 / 3))
        return 0.7 * r * x * (1 + r * x / length)

    def sigma_y(self, sigma_z):
        ratio, length = self.sigma_v / self.ustar, abs(self.obukhov)
        if self.obukhov > 0:
            return 1.4 * ratio * sigma_z * (1 + 1.5 * sigma_z / length)
        return 1.4 * ratio * sigma_z / math.sqrt(1 + 2.5 * sigma_z / length)

    def solve(self, x, h, sigma_z0):
        wind = self.wind(h)
        bare = self.sigma_z(x, wind)
        total = math.hypot(bare, sigma_z0)
        while True:
            mean = math.sqrt(2 / math.pi) * total * math.exp(-0.5 * (h / total) ** 2) + h * math.erf(
                h / total / math.sqrt(2)
            )
            wind = self.wind(max(mean, h))
            bare = self.sigma_z(x, wind)
            last, total = total, math.hypot(bare, sigma_z0)
            if abs(total - last) < 0.01 * total:
                return bare, total, wind


def response(hour, dx, dy, z, h, sigma_z0, sigma_y0):
    """µg/m³ of a point source of 1 g/s at (-dx, -dy) from the receptor."""
    radius = max(math.hypot(dx, dy), 1.0)
    _, total, wind = hour.solve(radius, h, sigma_z0)
    share = min(2 * hour.sigma_v**2 / wind**2, 1.0)
    pair = math.exp(-0.5 * ((h - z) / total) ** 2) + math.exp(-0.5 * ((h + z) / total) ** 2)
    meander = math.sqrt(2 / math.pi) * pair / (2 * total * wind) / (2 * math.pi * radius)
    x = dx * math.cos(hour.theta) + dy * math.sin(hour.theta)
    y = dy * math.cos(hour.theta) - dx * math.sin(hour.theta)
    plume = 0.0
    if x > 0:
        bare, total, wind = hour.solve(max(x, 1.0), h, sigma_z0)
        across = math.hypot(hour.sigma_y(bare), sigma_y0)
        lid = max(hour.zi, h + 2.15 * total)
        images = sum(
            math.exp(-0.5 * ((z + side * h + 2 * j * lid) / total) ** 2) for j in range(-5, 6) for side in (-1, 1)
        )
        plume = images / (math.sqrt(2 * math.pi) * total) / wind
        plume *= math.exp(-0.5 * (y / across) ** 2) / (math.sqrt(2 * math.pi) * across)
    return 1e6 * ((1 - share) * plume + share * meander)


def line(source, receptor, hour, steps=2000):
    x0, y0, x1, y1, h, width, sigma_z0 = source
    length = math.hypot(x1 - x0, y1 - y0)
    angle = math.atan2(y1 - y0, x1 - x0) - hour.theta
    total = 0.0
    for k in range(steps):
        t = (k + 0.5) / steps
        dx, dy = receptor[0] - x0 - t * (x1 - x0), receptor[1] - y0 - t * (y1 - y0)
        total += response(hour, dx, dy, receptor[2], h, sigma_z0, abs(0.5 * width * math.cos(angle)))
    return total * length / steps
