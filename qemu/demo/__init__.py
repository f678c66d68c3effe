# SPDX-License-Identifier: GPL-2.0-or-later
"""`make demo`: a degraded server, seen from outside."""
