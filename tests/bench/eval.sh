#!/bin/bash
# eval.sh - time and memory of tscae-eval on a dataset of the size of COCO's val: 5,000 images, 36,000 ground-truth
# boxes, 500,000 detections; median of ROUNDS
. "${0%/*}/lib.sh"
cd "$tmp" || exit 1
"$PYTHON" - <<-'EOF'
	import json, random
	r, gt, detections = random.Random(1), [], []
	box = lambda: [round(v, 2) for v in (r.random() * 500, r.random() * 400, 5 + r.random() * 130,
		5 + r.random() * 120)]
	for n in range(36000):
	    image, category, b = r.randrange(5000) + 1, min(80, 1 + int(r.expovariate(1 / 15))), box()
	    gt.append({'id': n + 1, 'image_id': image, 'category_id': category, 'bbox': b, 'area': b[2] * b[3] * .7,
	        'iscrowd': int(r.random() < .01)})
	    for _ in range(r.randrange(8)):
	        detections.append({'image_id': image, 'category_id': category, 'score': round(r.random(), 4),
	            'bbox': [round(max(1, v + r.uniform(-8, 8)), 2) for v in b]})
	while len(detections) < 500000:
	    detections.append({'image_id': r.randrange(5000) + 1, 'category_id': r.randrange(80) + 1,
	        'score': round(r.random() / 2, 4), 'bbox': box()})
	json.dump({'images': [{'id': i + 1, 'file_name': '%d.jpg' % i} for i in range(5000)],
		'categories': [{'id': c + 1, 'name': 'c%d' % c} for c in range(80)], 'annotations': gt},
		open('gt.json', 'w'))
	json.dump(detections, open('detections.json', 'w'))
EOF
for _ in $(seq "$ROUNDS"); do
	"$PYTHON" -c \
		'import os, resource, subprocess, time; t = time.time()
subprocess.run(["tscae-eval", "-q", "gt.json", "detections.json"], stdout=subprocess.DEVNULL, check=True)
u = resource.getrusage(resource.RUSAGE_CHILDREN)
print("%.2f %.2f %d" % (time.time() - t, u.ru_utime + u.ru_stime, u.ru_maxrss / 1024))'
done | sort -n | sed -n "$(((ROUNDS + 1) / 2))p" |
	awk '{ printf "scores of 500000 boxes in 5000 images: %s s (%s s of processor time), %s MiB\n", $1, $2, $3 }'
told
