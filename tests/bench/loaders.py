#!/usr/bin/python3
"""loaders.py - load the same images with Python libraries and print images/s

    decode KIND SIZE DRAFT SECONDS FILE ...     KIND pil, cv2 or torchvision
    SIZE: resize and center crop to it, 0: only decode;
                                                DRAFT 1: DCT scaling; per second of this thread's processor time
    loader SIZE WORKERS FOLDER                  ImageFolder + DataLoader with RandomResizedCrop, flip and normalization
    wall-clock
"""
import struct
import sys
import time


def pil(size, draft):
    from PIL import Image

    def one(path):
        image = Image.open(path)
        if size and draft:
            image.draft('RGB', (size, size))
        image = image.convert('RGB')
        if size:
            scale = size / min(image.size)
            w, h = (max(size, round(x * scale)) for x in image.size)
            left, top = (w - size) // 2, (h - size) // 2
            image = image.resize((w, h), Image.BICUBIC).crop((left, top, left + size, top + size))
        image.load()
    return one


def cv2(size, draft):
    import cv2
    cv2.setNumThreads(1)

    reduced = [(8, cv2.IMREAD_REDUCED_COLOR_8), (4, cv2.IMREAD_REDUCED_COLOR_4), (2, cv2.IMREAD_REDUCED_COLOR_2)]

    def shorter(path):
        # size of a JPEG from its frame header, without decoding
        with open(path, 'rb') as f:
            f.read(2)
            while True:
                marker, length = struct.unpack('>HH', f.read(4))
                if 0xffc0 <= marker <= 0xffcf and marker not in (0xffc4, 0xffc8, 0xffcc):
                    return min(struct.unpack('>xHH', f.read(5)))
                f.seek(length - 2, 1)

    def one(path):
        side = shorter(path) if size and draft else 0
        image = cv2.imread(path, next((how for by, how in reduced if side >= by * size), cv2.IMREAD_COLOR) if side
            else cv2.IMREAD_COLOR)
        if size:
            scale = size / min(image.shape[:2])
            h, w = (max(size, round(x * scale)) for x in image.shape[:2])
            top, left = (h - size) // 2, (w - size) // 2
            image = cv2.resize(image, (w, h), interpolation=cv2.INTER_AREA)[top:top + size, left:left + size]
    return one


def torchvision(size, draft):
    import torch
    from torchvision import transforms
    from torchvision.io import ImageReadMode, decode_jpeg, read_file
    torch.set_num_threads(1)
    both = transforms.Compose([transforms.Resize(size, antialias=True),
        transforms.CenterCrop(size)]) if size else lambda x: x
    return lambda path: both(decode_jpeg(read_file(path), ImageReadMode.RGB))


def decode(kind, size, draft, seconds, *paths):
    one = {'pil': pil, 'cv2': cv2, 'torchvision': torchvision}[kind](int(size), int(draft))
    one(paths[0])
    count, start = 0, time.process_time()
    while time.process_time() - start < float(seconds):
        for path in paths:
            one(path)
        count += len(paths)
    print(f'{count / (time.process_time() - start):.6g}')


def loader(size, workers, folder):
    from torch.utils.data import DataLoader
    from torchvision import datasets, transforms
    steps = [transforms.RandomResizedCrop(int(size), (0.2, 1), interpolation=transforms.InterpolationMode.BICUBIC),
        transforms.RandomHorizontalFlip(),
             transforms.ToTensor(), transforms.Normalize((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))]
    images = DataLoader(datasets.ImageFolder(folder, transforms.Compose(steps)), 64, shuffle=True,
        num_workers=int(workers))
    start = time.perf_counter()
    count = sum(len(batch) for batch, _ in images)
    print(f'{count / (time.perf_counter() - start):.6g}')


if __name__ == '__main__':
    {'decode': decode, 'loader': loader}[sys.argv[1]](*sys.argv[2:])
