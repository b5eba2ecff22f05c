-- Errors while COPY reads have their line, and column where there is one.
create type cy_mood as enum ('sad', 'ok', 'glad');
create domain cy_positive as int check (value > 0);
create type cy_pair as (a int, b text);
create table cy_t (id int primary key, name varchar(5) not null, n int check (n < 100), mood cy_mood, p cy_positive, u text unique, r cy_pair);
copy cy_t (id, name) from stdin;
1	a
x	b
\.
copy cy_t (id, name) from stdin;
1	a
2	toolong
\.
copy cy_t (id, name) from stdin;
1	a
2	\N
3	c
\.
copy cy_t (id, name, n) from stdin;
1	a	1
2	b	100
3	c	x
\.
copy cy_t (id, name, n) from stdin csv;
1,a,1
2,"b ""q""",200
\.
copy cy_t (id, name, mood) from stdin;
1	a	ok
2	b	angry
\.
copy cy_t (id, name, p) from stdin;
1	a	5
2	b	-5
\.
copy cy_t (id, name, r) from stdin;
1	a	(1,x)
2	b	(1
\.
copy cy_t (id, name) from stdin;
1	a
2	b
1	c
\.
copy cy_t (id, name, u) from stdin;
1	a	same
2	b	same
\.
copy cy_t (id, name) from stdin;
1	a
2	b	extra
\.
copy cy_t (id, name) from stdin;
1
\.
select count(*) from cy_t;
copy cy_t (id, name, mood, p, r) from stdin;
1	a	glad	7	(1,"x y")
2	b	sad	\N	\N
3	c	ok	1	(,)
\.
select * from cy_t order by mood;
copy cy_t (id, name) from stdin;
5	e
1	again
\.
create table cy_ref (id int references cy_t);
copy cy_ref from stdin;
1
77
\.
drop table cy_ref;
-- Enums are in the order of their labels, with an index too.
create index cy_mood_index on cy_t (mood);
insert into cy_t (id, name, mood) select g, 'm', (array['glad', 'sad', 'ok'])[g % 3 + 1]::cy_mood from generate_series(10, 21) g;
select mood, count(*) from cy_t group by mood order by mood;
select mood from cy_t order by mood desc, id limit 5;
select mood, id from cy_t where mood > 'sad' order by mood, id limit 6;
select count(*) from cy_t where mood < 'glad';
select count(*) from cy_t where mood >= 'ok' and mood <= 'glad';
select count(*) from cy_t where mood between 'sad' and 'ok';
alter type cy_mood add value 'meh' before 'ok';
insert into cy_t (id, name, mood) values (30, 'n', 'meh');
select distinct mood from cy_t order by mood;
select count(*) from cy_t where mood < 'ok';
-- LIKE by prefix.
create table cy_l (id int primary key, t text, v varchar(20), c char(5));
insert into cy_l select g, 'key' || g, 'Val_' || g, 'c' || g from generate_series(1, 300) g;
insert into cy_l values (1000, 'kez', 'Val%x', 'cc'), (1001, 'key', 'val_1', 'cd'), (1002, null, null, null), (1003, 'ключ один', 'ключ два', 'к'), (1004, 'k\%', '', '');
create index cy_l_t on cy_l (t);
create index cy_l_v on cy_l (v desc);
select count(*) from cy_l where t like 'key1%';
select t from cy_l where t like 'key29_' order by t;
select t from cy_l where t like 'key29%' order by t desc limit 3;
select count(*) from cy_l where t like 'key';
select count(*) from cy_l where t like '%';
select count(*) from cy_l where t not like 'key%';
select v from cy_l where v like 'Val\_1' or v like 'Val\%%' order by v;
select count(*) from cy_l where v like 'Val\_1%' and v > 'Val_15';
select t from cy_l where t like 'ключ%';
select t from cy_l where t like 'k\\\%';
select count(*) from cy_l where t ilike 'KEY1%';
select count(*) from cy_l where c like 'c1%';
select count(*) from cy_l where starts_with(t, 'key30'), t ^@ 'key30';
select count(*) from cy_l where t ^@ 'key30';
prepare cy_p as select count(*) from cy_l where t like $1;
execute cy_p ('key2%');
execute cy_p ('%5');
execute cy_p (null);
deallocate cy_p;
update cy_l set v = 'changed' where t like 'key30%' returning id, v;
delete from cy_l where t like 'key%';
select count(*) from cy_l;
drop table cy_t, cy_l;
drop type cy_mood;
drop domain cy_positive;
drop type cy_pair;
create type cy_mood as enum ('z', 'y', 'x');
create table cy_e (id int primary key, m cy_mood);
insert into cy_e values (1, 'y'), (2, 'z'), (3, 'x'), (4, null);
select min(m), max(m), greatest('x'::cy_mood, 'z'), least('y'::cy_mood, 'x', 'z') from cy_e;
select id, max(m) over (order by id) from cy_e order by id;
select min(m) filter (where id > 2), max(m) from cy_e group by id > 1 order by 1;
select id, row_number() over (order by m) from cy_e order by id;
select max(m) from cy_e where id = 100;
drop table cy_e;
drop type cy_mood;
