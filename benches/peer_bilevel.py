#!/usr/bin/env python3
"""One MT-FAS bi-level iteration the way a researcher writes it in PyTorch: unrolled inner steps, create_graph=True.

It is the peer that the workbench's own bi-level step is measured against (time and peak memory, same machine, same
run), and, with --dump, a second engine to check hypergradients against.

    python3 -m venv venv && venv/bin/pip install torch==2.11.0 numpy safetensors
    venv/bin/python peer_bilevel.py --size 256 --m 20 --n 10 --k 2 --iters 3 --threads 2
    venv/bin/python peer_bilevel.py --size 32 --m 2 --n 1 --k 2 --double --seed 1 --dump case.safetensors

Network: Light-16; conv -> ReLU -> BN with batch statistics (eps 1e-3), last conv linear.
Losses: mean over images and pixels. Labels: 1 = spoof. Layout of the dump: theta.J / omega.J / omega_hat.J in the order
of parameters(), x_t, y_t, x_v, y_v, hypergradient.J (of L_v alone, no mu term), l_t (one per inner step), l_v, theta_k.J.
"""
import argparse, json, resource, time
import torch
import torch.nn.functional as F

WIDTHS = [(3, 16, True), (16, 16, True), (16, 16, True), (48, 16, True), (16, 1, False)]


def parameters(generator, dtype):
    """Per conv: weight (out, in, 3, 3), bias (out); then, where it is normalised, BN scale and shift (out)."""
    out = []
    for cin, cout, norm in WIDTHS:
        bound = (6.0 / (9 * (cin + cout))) ** 0.5
        out.append((torch.rand(cout, cin, 3, 3, generator=generator, dtype=dtype) * 2 - 1) * bound)
        out.append(torch.randn(cout, generator=generator, dtype=dtype) * 0.05)
        if norm:
            out.append(1 + torch.randn(cout, generator=generator, dtype=dtype) * 0.05)
            out.append(torch.randn(cout, generator=generator, dtype=dtype) * 0.05)
    return [p.requires_grad_() for p in out]


def light16(x, p):
    """(B, 3, S, S) -> (B, 1, S/8, S/8)."""
    p = iter(p)

    def block(x, norm=True):
        x = F.conv2d(x, next(p), next(p), padding=1)
        return F.batch_norm(F.relu(x), None, None, next(p), next(p), training=True, eps=1e-3) if norm else x

    a = F.max_pool2d(block(x), 2)
    b = F.max_pool2d(block(a), 2)
    c = F.max_pool2d(block(b), 2)
    return block(block(torch.cat([F.avg_pool2d(a, 4), F.avg_pool2d(b, 2), c], 1)), norm=False)


def hypergradient(theta, omega, omega_hat, x_t, y_t, x_v, y_v, alpha, k):
    y_t, y_v = y_t.view(-1, 1, 1, 1), y_v.view(-1, 1, 1, 1)
    target = 2 * torch.sigmoid(light16(x_t, omega)) * y_t
    inner, lower = theta, []
    for _ in range(k):
        loss = F.mse_loss(light16(x_t, inner), target)
        grad = torch.autograd.grad(loss, inner, create_graph=True)
        inner = [p - alpha * g for p, g in zip(inner, grad)]
        lower.append(loss.detach())
    with torch.no_grad():
        target_v = 2 * torch.sigmoid(light16(x_v, omega_hat)) * y_v
    upper = F.mse_loss(light16(x_v, inner), target_v)
    return torch.autograd.grad(upper, omega), torch.stack(lower), upper.detach(), [p.detach() for p in inner]


def main():
    a = argparse.ArgumentParser()
    for name, default in dict(size=256, m=20, n=10, k=2, iters=3, threads=2, seed=0).items():
        a.add_argument(f"--{name}", type=int, default=default)
    a.add_argument("--alpha", type=float, default=1e-3)
    a.add_argument("--double", action="store_true")
    a.add_argument("--device", default="cpu")
    a.add_argument("--dump")
    a = a.parse_args()
    torch.set_num_threads(a.threads)
    dtype, g = (torch.float64 if a.double else torch.float32), torch.Generator().manual_seed(a.seed)
    theta, omega, omega_hat = (parameters(g, dtype) for _ in range(3))
    x_t = torch.randn(2 * a.m, 3, a.size, a.size, generator=g, dtype=dtype)
    x_v = torch.randn(2 * a.n, 3, a.size, a.size, generator=g, dtype=dtype)
    y_t = torch.arange(2 * a.m).ge(a.m).to(dtype)
    y_v = torch.arange(2 * a.n).ge(a.n).to(dtype)
    move = lambda ts: [t.detach().to(a.device).requires_grad_() for t in ts]
    theta, omega, omega_hat = move(theta), move(omega), move(omega_hat)
    x_t, y_t, x_v, y_v = (t.to(a.device) for t in (x_t, y_t, x_v, y_v))
    sync = torch.cuda.synchronize if a.device.startswith("cuda") else (lambda: None)
    run = lambda: hypergradient(theta, omega, omega_hat, x_t, y_t, x_v, y_v, a.alpha, a.k)
    run(); sync()
    times = []
    for _ in range(a.iters):
        start = time.perf_counter(); h, lower, upper, theta_k = run(); sync()
        times.append(time.perf_counter() - start)
    rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    gpu = torch.cuda.max_memory_allocated() / 2**20 if a.device.startswith("cuda") else 0.0
    print(json.dumps(dict(engine=f"pytorch {torch.__version__} create_graph", size=a.size, m=a.m, n=a.n, k=a.k,
        seconds_per_iteration=sorted(times)[len(times) // 2], peak_rss_mib=rss, peak_gpu_mib=gpu, l_v=upper.item(),
        hypergradient_norm=torch.cat([t.flatten() for t in h]).norm().item())))
    if a.dump:
        from safetensors.torch import save_file
        t = {"x_t": x_t, "y_t": y_t, "x_v": x_v, "y_v": y_v, "l_t": lower, "l_v": upper.reshape(1)}
        for name, ps in dict(theta=theta, omega=omega, omega_hat=omega_hat, hypergradient=h, theta_k=theta_k).items():
            t |= {f"{name}.{j:02}": p.detach().cpu().contiguous() for j, p in enumerate(ps)}
        save_file({k: v.detach().cpu().contiguous() for k, v in t.items()}, a.dump, metadata={"alpha": str(a.alpha), "k": str(a.k)})


if __name__ == "__main__":
    main()
