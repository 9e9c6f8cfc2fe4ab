# bars.gp - bars with bounds: gnuplot -e "file='detect.tsv'; what='Detection'; out='detect.png'" bars.gp
#
# file: the rows of one group, as tscae-report --table --group has them
set terminal png size 480,420
set output out
set datafile separator "\t"
set style fill solid 0.5 border -1
set style data boxes
set linetype 1 linecolor rgb "#4878a8"
set boxwidth 0.6
set yrange [0:*]
set ylabel "%"
set grid ytics
set title what noenhanced
unset key
set xtics rotate by -20 nomirror noenhanced
set rmargin 8
plot file using 0:(100 * column("mean")):xtic(2) with boxes, \
	'' using 0:(100 * column("mean")):(100 * column("low")):(100 * column("high")) \
		with errorbars linewidth 2 linecolor black pointtype 0
