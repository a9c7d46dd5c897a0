# gpu_nms is compiled here by setup.py
