set encoding utf8
set multiplot
unset key
set clip two
set border 31 lw 0.8 lc rgb "#333333"
unset label
unset arrow
unset object
set lmargin at screen 0.08417142857142858
set rmargin at screen 0.48857142857142855
set bmargin at screen 0.15625
set tmargin at screen 0.815625
unset logscale x
set xrange [-1.56:40.56] noextend
set xtics out nomirror scale 0.7,0.4 enhanced offset 0,0.3 font ",11" ("0" 0.0, "20" 20.0, "40" 40.0, "" 5.0 1, "" 10.0 1, "" 15.0 1, "" 25.0 1, "" 30.0 1, "" 35.0 1)
unset logscale y
set yrange [0.916:3.184] noextend
set ytics out nomirror scale 0.7,0.4 enhanced  font ",11" ("1.0" 1.0, "1.5" 1.5, "2.0" 2.0, "2.5" 2.5, "3.0" 3.0, "" 1.1 1, "" 1.2 1, "" 1.3 1, "" 1.4 1, "" 1.6 1, "" 1.7 1, "" 1.8 1, "" 1.9 1, "" 2.1 1, "" 2.2 1, "" 2.3 1, "" 2.4 1, "" 2.6 1, "" 2.7 1, "" 2.8 1, "" 2.9 1, "" 3.1 1)
set label "conductance (s)" at screen 0.286371,0.055469 center noenhanced front
set label "conductance" at screen 0.021071,0.485938 center rotate by 90 noenhanced front
set label "conductance" at screen 0.084171,0.946875 left noenhanced front
$d1 << EOD
0.0 3.0
1.0 2.75
2.0 2.5
3.0 2.25
4.0 2.0
5.0 1.75
6.0 1.5
7.0 1.25
8.0 1.0
9.0 1.25
10.0 1.5
11.0 1.75
12.0 2.0
13.0 2.25
14.0 2.5
15.0 2.75
16.0 3.0
17.0 2.75
18.0 2.5
19.0 2.25
20.0 2.0
21.0 1.75
22.0 1.5
23.0 1.25
24.0 1.0
25.0 1.25
26.0 1.5
27.0 1.75
28.0 2.0
29.0 2.25
30.0 2.5
31.0 2.75
32.0 3.0
33.0 2.75
34.0 2.5
35.0 2.25
36.0 2.0
37.0 1.75
38.0 1.5
39.0 1.25
EOD
$d2 << EOD
2.0 2.0
4.0 2.0

4.0 1.9731279620853082
4.0 2.0268720379146923

2.0 1.9731279620853082
2.0 2.0268720379146923

8.0 3.0
10.0 3.0

10.0 2.9731279620853077
10.0 3.026872037914692

8.0 2.9731279620853077
8.0 3.026872037914692

EOD
$d3 << EOD
3.0 1.8
3.0 2.2

2.628020347604918 2.2
3.371979652395083 2.2

2.628020347604918 1.8
3.371979652395083 1.8

9.0 2.9
9.0 3.1

8.628020347604915 3.1
9.371979652395082 3.1

8.628020347604915 2.9
9.371979652395082 2.9

EOD
$d4 << EOD
3.0 2.0
9.0 3.0
EOD
$d5 << EOD
0.0 1.0
10.0 1.0
10.0 2.0
0.0 2.0
EOD
$d6 << EOD
39.0 1.0
39.0 2.0
EOD
set arrow from screen 0.214363,0.156250 to screen 0.214363,0.815625 nohead front lw 1.4 lc rgb "#000000" dt (10,7)
set label "conductance" at screen 0.221506,0.781250 left noenhanced front
set object polygon from screen 0.147155,0.493276 to screen 0.149624,0.478834 to screen 0.156665,0.478161 to screen 0.151149,0.468562 to screen 0.153033,0.453704 to screen 0.147155,0.462214 to screen 0.141277,0.453704 to screen 0.143160,0.468562 to screen 0.137644,0.478161 to screen 0.144686,0.478834 to screen 0.147155,0.493276 front fc rgb "#D55E00" fs solid border lc rgb "#000000" lw 0.6
set label "conductance" at screen 0.161441,0.471401 left noenhanced front
set label "" at screen 0.101314,0.900000 front point pt 7 ps 0.48888888888888893 lw 1.1 lc rgb "#4D0072B2"
set label "conductance" at screen 0.127029,0.900000 left noenhanced front
set arrow from screen 0.240914,0.900000 to screen 0.263771,0.900000 nohead front lw 1.1199999999999999 lc rgb "#D55E00" dt solid
set arrow from screen 0.240914,0.892188 to screen 0.240914,0.907813 nohead front lw 1.1199999999999999 lc rgb "#D55E00" dt solid
set arrow from screen 0.263771,0.892188 to screen 0.263771,0.907813 nohead front lw 1.1199999999999999 lc rgb "#D55E00" dt solid
set arrow from screen 0.252343,0.881250 to screen 0.252343,0.918750 nohead front lw 1.1199999999999999 lc rgb "#D55E00" dt solid
set arrow from screen 0.248771,0.881250 to screen 0.255914,0.881250 nohead front lw 1.1199999999999999 lc rgb "#D55E00" dt solid
set arrow from screen 0.248771,0.918750 to screen 0.255914,0.918750 nohead front lw 1.1199999999999999 lc rgb "#D55E00" dt solid
set label "" at screen 0.252343,0.900000 front point pt 5 ps 0.6000000000000001 lw 1.1 lc rgb "#D55E00"
set label "bars" at screen 0.278057,0.900000 left noenhanced front
set object polygon from screen 0.084171,0.835938 to screen 0.118457,0.835938 to screen 0.118457,0.864062 to screen 0.084171,0.864062 to screen 0.084171,0.835938 front fc rgb "#C7009E73" fs solid noborder
set label "band" at screen 0.127029,0.850000 left noenhanced front
plot $d1 using 1:2 with points pt 7 ps 0.2888888888888889 lw 1.1 lc rgb "#A60072B2" notitle, \
  $d2 using 1:2 with lines lw 1.1199999999999999 lc rgb "#D55E00" notitle, \
  $d3 using 1:2 with lines lw 1.1199999999999999 lc rgb "#D55E00" notitle, \
  $d4 using 1:2 with points pt 5 ps 0.6000000000000001 lw 1.1 lc rgb "#D55E00" notitle, \
  $d5 using 1:2 with filledcurves closed fc rgb "#C7009E73" fs solid noborder notitle, \
  $d6 using 1:2 with filledcurves closed fc rgb "#C7009E73" fs solid noborder notitle
unset label
unset arrow
unset object
set lmargin at screen 0.5841714285714286
set rmargin at screen 0.9885714285714285
set bmargin at screen 0.15625
set tmargin at screen 0.815625
unset logscale x
set xrange [-1.56:40.56] noextend
set xtics out nomirror scale 0.7,0.4 enhanced offset 0,0.3 font ",11" ("0" 0.0, "20" 20.0, "40" 40.0, "" 5.0 1, "" 10.0 1, "" 15.0 1, "" 25.0 1, "" 30.0 1, "" 35.0 1)
set logscale y
set yrange [0.9090909090909091:3.3000000000000003] noextend
set ytics out nomirror scale 0.7,0.4 enhanced  font ",11" ("1.0" 1.0, "1.5" 1.5, "2.0" 2.0, "2.5" 2.5, "3.0" 3.0, "" 1.1 1, "" 1.2 1, "" 1.3 1, "" 1.4 1, "" 1.6 1, "" 1.7 1, "" 1.8 1, "" 1.9 1, "" 2.1 1, "" 2.2 1, "" 2.3 1, "" 2.4 1, "" 2.6 1, "" 2.7 1, "" 2.8 1, "" 2.9 1, "" 3.1 1, "" 3.2 1, "" 3.3 1)
set label "C" at screen 0.786371,0.055469 center noenhanced front
set label "A" at screen 0.521071,0.485938 center rotate by 90 noenhanced front
$d7 << EOD
0.0 3.0
1.0 2.75
2.0 2.5
3.0 2.25
4.0 2.0
5.0 1.75
6.0 1.5
7.0 1.25
8.0 1.0
9.0 1.25
10.0 1.5
11.0 1.75
12.0 2.0
13.0 2.25
14.0 2.5
15.0 2.75
16.0 3.0
17.0 2.75
18.0 2.5
19.0 2.25
20.0 2.0
21.0 1.75
22.0 1.5
23.0 1.25
24.0 1.0
25.0 1.25
26.0 1.5
27.0 1.75
28.0 2.0
29.0 2.25
30.0 2.5
31.0 2.75
32.0 3.0
33.0 2.75
34.0 2.5
35.0 2.25
36.0 2.0
37.0 1.75
38.0 1.5
39.0 1.25
EOD
set label "" at screen 0.599149,0.766879 front point pt 6 ps 0.8888888888888888 lw 1.1 lc rgb "#0072B2"
set label "" at screen 0.973594,0.319122 front point pt 7 ps 0.8888888888888888 lw 1.1 lc rgb "#0072B2"
$d8 << EOD
0.0 3.0
1.0 3.0
1.0 2.75
2.0 2.75
2.0 2.5
3.0 2.5
3.0 2.25
4.0 2.25
4.0 2.0
5.0 2.0
5.0 1.75
6.0 1.75
6.0 1.5
7.0 1.5
7.0 1.25
8.0 1.25
8.0 1.0
9.0 1.0
9.0 1.25
10.0 1.25
10.0 1.5
11.0 1.5
11.0 1.75
12.0 1.75
12.0 2.0
13.0 2.0
13.0 2.25
14.0 2.25
14.0 2.5
15.0 2.5
15.0 2.75
16.0 2.75
16.0 3.0
17.0 3.0
17.0 2.75
18.0 2.75
18.0 2.5
19.0 2.5
19.0 2.25
20.0 2.25
20.0 2.0
21.0 2.0
21.0 1.75
22.0 1.75
22.0 1.5
23.0 1.5
23.0 1.25
24.0 1.25
24.0 1.0
25.0 1.0
25.0 1.25
26.0 1.25
26.0 1.5
27.0 1.5
27.0 1.75
28.0 1.75
28.0 2.0
29.0 2.0
29.0 2.25
30.0 2.25
30.0 2.5
31.0 2.5
31.0 2.75
32.0 2.75
32.0 3.0
33.0 3.0
33.0 2.75
34.0 2.75
34.0 2.5
35.0 2.5
35.0 2.25
36.0 2.25
36.0 2.0
37.0 2.0
37.0 1.75
38.0 1.75
38.0 1.5
39.0 1.5
39.0 1.25
EOD
set arrow from screen 0.584171,0.673631 to screen 0.988571,0.673631 nohead front lw 1.4 lc rgb "#000000" dt (10,7)
set arrow from screen 0.584171,0.900000 to screen 0.618457,0.900000 nohead front lw 1.4 lc rgb "#0072B2" dt solid
set label "way" at screen 0.627029,0.900000 left noenhanced front
set arrow from screen 0.735200,0.900000 to screen 0.769486,0.900000 nohead front lw 1.4 lc rgb "#D55E00" dt (10,7)
set label "held" at screen 0.778057,0.900000 left noenhanced front
set arrow from screen 0.584171,0.850000 to screen 0.618457,0.850000 nohead front lw 1.4 lc rgb "#000000" dt (10,7)
set label "conductance" at screen 0.627029,0.850000 left noenhanced front
plot $d7 using 1:2 with lines lw 1.4 lc rgb "#0072B2" dt solid notitle, \
  $d8 using 1:2 with lines lw 1.4 lc rgb "#D55E00" dt (10,7) notitle
unset multiplot
