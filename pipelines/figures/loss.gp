# loss.gp - training curves:
#   gnuplot -e "files='a.tsv b.tsv'; names='TSCAE MAE'; what='loss_pixel'; out='loss.png'" loss.gp
set terminal png size 900,500
set output out
set datafile separator "\t"
set datafile missing "-"
set xlabel "step"
set ylabel what noenhanced
set grid
set key top right noenhanced
plot for [i=1:words(files)] word(files, i) using (column("step")):(column(what)) with lines linewidth 2 \
	title word(names, i)
