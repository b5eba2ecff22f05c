-- What COPY reads and refuses.
create table z_t (a int, b text, c text);
copy z_t from stdin;
1	a	b
2	a
\.
copy z_t from stdin;
x	a	b	c
\.
copy z_t from stdin;
1	a	b
99999999999	a	b
\.
copy z_t from stdin;
1	\377	b
\.
copy z_t from stdin (format csv);
1,"two
lines",b
2,"two
lines",b
x,"two
lines",b
\.
copy z_t from stdin (format csv);
1,"never closed,b
2,a,b
\.
copy z_t from stdin (format csv, header match);
a,b,"x"
\.
copy z_t from stdin (header match);
a	b	\N
\.
copy z_t from stdin (delimiter '|', null '');
1||\|\x41\101\b
\.
copy z_t from stdin (format csv, quote '''', escape '^', null 'N', force_null (b), force_not_null (c));
2,'N',N
3,'a^'b','^^'
\.
copy z_t from stdin (format csv, delimiter ';', quote '|');
4;|a;b|;"
\.
select * from z_t order by a;
copy (select * from z_t order by a) to stdout (format csv, header, quote '''', escape '^', force_quote (b));
copy (select * from z_t order by a) to stdout (header, delimiter ',', null '(none)');
copy z_t from stdin (format csv, force_null (nope));
copy z_t (a) from stdin (format csv, force_null (b));
copy z_t from stdin (format csv, force_not_null (b, b));
copy z_t (a) to stdout (format csv, force_quote (b));
copy (select 1 as one) to stdout (format csv, force_quote (two));
copy (select 1 as one, 'x' as two) to stdout (format csv, header, force_quote (two));
copy z_t from stdin (header maybe);
copy z_t to stdout (header match);
copy z_t from stdin (format);
copy z_t from stdin (force_null 5);
copy z_t from stdin (encoding 'nosuch');
copy z_t from stdin (null 'a	b');
copy z_t from stdin (format 'CSV');
drop table z_t;
