import numpy as np


def generate_anchors(base_size=8, ratios=[0.5, 1, 2], scales=2 ** np.arange(3, 6)):
    """Anchors (x1, y1, x2, y2) for one place, of all ratios and scales."""
    anchors = []
    for ratio in ratios:
        for scale in scales:
            area = float(base_size * base_size * scale * scale)
            w = np.round(np.sqrt(area / ratio))
            h = np.round(w * ratio)
            anchors.append([-w / 2, -h / 2, w / 2, h / 2])
    return np.array(anchors, dtype=np.float)


def all_anchors(height, width, feat_stride, anchors):
    shift_x, shift_y = np.meshgrid(np.arange(width) * feat_stride, np.arange(height) * feat_stride)
    shifts = np.vstack((shift_x.ravel(), shift_y.ravel(), shift_x.ravel(), shift_y.ravel())).transpose()
    result = [anchors + shift for shift in shifts]
    return np.concatenate(result).astype(np.float32), np.int(len(result) * anchors.shape[0])
