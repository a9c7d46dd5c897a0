from easydict import EasyDict as edict

__C = edict()
cfg = __C
__C.ANCHOR_SCALES = [1, 2]
__C.ANCHOR_RATIOS = [0.5, 1, 2]
__C.FEAT_STRIDE = [8, ]
__C.TEST = edict()
__C.TEST.NMS = 0.3
__C.TEST.RPN_POST_NMS_TOP_N = 20
