# Writes recorded-pixels.json: what torch makes of images that the test draws by the same formula, prepared as CLIP's are.
# python record-pixels.py > recorded-pixels.json
import json, torch

mean = torch.tensor([0.48145466, 0.4578275, 0.40821073]).reshape(3, 1, 1)
deviation = torch.tensor([0.26862954, 0.26130258, 0.27577711]).reshape(3, 1, 1)
cases = []
for width, height, size in [(32, 32, 8), (50, 20, 7), (9, 13, 12), (6, 6, 6), (40, 41, 10)]:
    i = torch.arange(4 * width * height)
    image = ((i * i * 7 + 13 * i) % 256).reshape(height, width, 4)[..., :3].permute(2, 0, 1).float()
    short = min(width, height)
    new = [size if side == short else side * size // short for side in (height, width)]
    small = torch.nn.functional.interpolate(image[None], new, mode='bicubic', antialias=True, align_corners=False)[0]
    top, left = ((side - size) // 2 for side in new)
    cut = small.round().clamp(0, 255)[:, top:top + size, left:left + size] / 255
    expected = [round(value, 5) for value in ((cut - mean) / deviation).flatten().tolist()]
    cases.append({'width': width, 'height': height, 'size': size, 'expected': expected})
print(json.dumps({'torch': torch.__version__, 'cases': cases}))
