create table y_t (id int primary key, a text, b numeric(6,2), c timestamp, d int[]);
copy y_t from stdin;
1	one	1.5	2020-01-01 00:00:00	{1,2}
2	tab\there	\N	\N	\N
3	back\\slash\nline	-0.01	2021-12-31 23:59:59.5	{}
\.
copy y_t (id, a) from stdin with (format csv, header, null 'NIL');
id,a
4,"quoted ""x"", and comma"
5,NIL
6,"NIL"
7,"two
lines"
\.
copy (select * from y_t order by id) to stdout;
copy (select * from y_t order by id) to stdout with (format csv, header, force_quote (a));
copy (select id, a from y_t where id < 3 order by id desc) to stdout csv;
copy (select a, id from y_t order by id) to stdout delimiter '|' null 'null';
create table y_one (x text);
insert into y_one values ('only');
copy y_one to stdout;
copy y_one (x) to stdout (format csv, header);
drop table y_one;
copy y_t from stdin;
8	x
\.
copy y_t from stdin;
8	x	1	2020-01-01	{}	extra
\.
copy y_t (id, b) from stdin;
8	abc
\.
copy y_t (id, nope) from stdin;
copy y_t (id, id) from stdin;
copy nosuch from stdin;
copy y_t from stdin (format nosuch);
copy y_t from stdin (delimiter 'ab');
copy y_t from stdin (format csv, quote 'ab');
copy y_t from stdin (quote 'x');
copy y_t from stdin (nosuch 1);
copy y_t from stdin (format csv, format csv);
begin;
copy y_t (id) from stdin;
100
101
\.
select count(*) from y_t;
rollback;
select count(*) from y_t;
copy y_t (id, a) from stdin (format csv, header match);
id,b
\.
create table y_c (a int check (a > 0), b text default 'dflt', c int generated always as identity);
copy y_c (a) from stdin;
1
2
\.
select * from y_c order by a;
copy (insert into y_c (a) values (9) returning a, b) to stdout;
drop table y_t, y_c;
