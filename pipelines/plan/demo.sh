#!/bin/bash
# demo.sh list - print the list of scores of demo.mk; settings come from the environment
. "$(dirname "$0")/lib.sh"
for method in $METHODS; do score "Classification, top-1" "$method" "$RUN/$method-finetune/score.tsv" top1/value ''; done
for method in $METHODS; do score "Detection, AP at 0.5" "$method" "$RUN/$method-detect/score.tsv" AP50/value ''; done
for method in $METHODS; do score "Segmentation, mean IoU" "$method" "$RUN/$method-segment/score.tsv" mIoU/value ''; done
