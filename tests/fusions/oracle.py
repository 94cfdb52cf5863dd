"""Equations (1) and (2) in straight-line NumPy, written from the equations alone."""

import numpy as np


def convolution(x, weight, bias):
    """Convolution with kernel size 1: x (T, I), weight (O, I)."""
    return np.stack([[w @ row + b for w, b in zip(weight, bias)] for row in x])


def batch_norm(x, p, rows):
    """Normalise x with the statistics of `rows`, or the running ones if that is None."""
    mean = p["running_mean"] if rows is None else rows.mean(axis=0)
    var = p["running_var"] if rows is None else rows.var(axis=0)
    return (x - mean) / np.sqrt(var + 1e-5) * p["weight"] + p["bias"]


def layer_norm(x, p):
    mean = x.mean(axis=1, keepdims=True)
    var = x.var(axis=1, keepdims=True)
    return (x - mean) / np.sqrt(var + 1e-5) * p["weight"] + p["bias"]


def dlfa(l1, l2, lengths, params, *, gate, norm, is_train):
    """Fuse l1 and l2, both (N, E), of spans with the given lengths; params by torch name."""
    params = {name: value.astype(np.float64) for name, value in params.items()}
    l1, l2 = l1.astype(np.float64), l2.astype(np.float64)

    def part(prefix):
        return {k[len(prefix) + 1 :]: v for k, v in params.items() if k.startswith(prefix + ".")}

    def normalise(x, p):
        if norm == "layer":
            return layer_norm(x, p)
        return batch_norm(x, p, x if is_train and len(x) > 1 else None)

    def branch(x, name):
        hidden = convolution(x, **part(f"aif.{name}.squeeze"))
        hidden = np.maximum(normalise(hidden, part(f"aif.{name}.squeeze_norm")), 0)
        out = convolution(hidden, **part(f"aif.{name}.expand"))
        return normalise(out, part(f"aif.{name}.expand_norm"))

    w = (l1 + l2) / 2
    ends = np.cumsum(lengths)
    means = np.stack([w[e - n : e].mean(axis=0) for e, n in zip(ends, lengths)])
    w_local = branch(w, "local")
    w_global = branch(means, "context")
    out = np.zeros_like(w)
    for span, (end, n) in enumerate(zip(ends, lengths)):
        for t in range(end - n, end):
            sigma = 1 / (1 + np.exp(-(w_global[span] + w_local[t])))
            a = w[t] * sigma if gate == "feature" else sigma
            out[t] = l1[t] * a + l2[t] * (1 - a)
    return out
