#!/usr/bin/python3
"""torch_run.py - PyTorch in the benchmarks

    loss MODEL FORM STREAM BATCH                    loss and gradient norm of the first batch
    train MODEL FORM STREAM BATCH THREADS STEPS     images/s (the median step without the first), peak memory in bytes
    embed MODEL STREAM BATCH THREADS STEPS          the same for features
    features MODEL STREAM BATCH NPY                 largest difference from the features of a numpy file, by the largest
    first MODEL STREAM                              exits after the first feature, to time the whole process

FORM is full, fold or mae (torch_model.py). STREAM is a masked stream of tscae.
"""
import resource
import statistics
import sys
import time

import msgpack
import numpy as np
import torch

import torch_model


def read_stream(path, count):
    """The first `count` images and, if they have masks, one row of 0 and 1 for each."""
    images, masks = [], []
    with open(path, 'rb') as f:
        objects = msgpack.Unpacker(f, raw=True, max_buffer_size=1 << 30)
        next(objects), next(objects)
        for record in objects:
            if len(images) == count or not isinstance(record, dict):
                break
            array = {k: np.frombuffer(v[b'data'], np.uint8).reshape(v[b'shape']) for k, v in record.items() if k
                in (b'image', b'mask')}
            images.append(array[b'image'])
            if b'mask' in array:
                masks.append(array[b'mask'].ravel())
    assert len(images) == count, f'{path} has fewer than {count} images'
    return torch.from_numpy(np.stack(images)), torch.from_numpy(np.stack(masks)) if masks else None


def loss(path, form, stream, batch):
    model = torch_model.load(path, form)
    value = model(*read_stream(stream, int(batch)))
    value.backward()
    norm = torch.nn.utils.clip_grad_norm_(model.parameters(), float('inf'))
    print(f'{value.item():.9g} {norm.item():.9g}')


def timed(step, batch, steps):
    seconds = []
    for _ in range(steps):
        start = time.perf_counter()
        step()
        seconds.append(time.perf_counter() - start)
    memory = 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(f'{batch / statistics.median(seconds[1:]):.6g} {memory}')


def train(path, form, stream, batch, threads, steps):
    torch.set_num_threads(int(threads))
    model = torch_model.load(path, form)
    images, masks = read_stream(stream, int(batch))
    adamw = torch_model.optimizer(model)

    def step():
        adamw.zero_grad(set_to_none=True)
        model(images, masks).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 3.0)
        adamw.step()

    timed(step, len(images), int(steps))


def embed(path, stream, batch, threads, steps):
    torch.set_num_threads(int(threads))
    model = torch_model.load(path, 'encoder').eval()
    images, _ = read_stream(stream, int(batch))
    with torch.inference_mode():
        timed(lambda: model.features(images), len(images), int(steps))


def features(path, stream, batch, npy):
    ours = torch.from_numpy(np.load(npy))
    with torch.inference_mode():
        theirs = torch_model.load(path, 'encoder').eval().features(read_stream(stream, int(batch))[0])
    assert ours.shape == theirs.shape
    print(f'{((ours - theirs).abs().max() / ours.abs().max()).item():.3g}')


def first(path, stream):
    model = torch_model.load(path, 'encoder').eval()
    with torch.inference_mode():
        print(model.features(read_stream(stream, 1)[0])[0, 0].item())


if __name__ == '__main__':
    {'loss': loss, 'train': train, 'embed': embed, 'features': features, 'first': first}[sys.argv[1]](*sys.argv[2:])
