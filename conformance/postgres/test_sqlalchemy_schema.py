"""SQLAlchemy in a schema of its own, so with qualified names: what it creates, reflects, writes, reads.

import datetime
import decimal
import enum
import uuid

import pytest
import sqlalchemy as sa
from conftest import DATABASE, HOST, PORT, USER
from sqlalchemy import exc, orm
from sqlalchemy.dialects import postgresql as pg

SCHEMA = "conformance_sqlalchemy"


class Mood(enum.Enum):
    SAD = "sad"
    GLAD = "glad"


class Base(orm.DeclarativeBase):
    metadata = sa.MetaData(schema=SCHEMA, naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_name)s", "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s", "pk": "pk_%(table_name)s"})


tagged = sa.Table(
    "tagged", Base.metadata,
    sa.Column("book", sa.ForeignKey(f"{SCHEMA}.book.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("tag", sa.ForeignKey(f"{SCHEMA}.tag.id"), primary_key=True))


class Author(Base):
    __tablename__ = "author"
    id: orm.Mapped[int] = orm.mapped_column(primary_key=True)
    name: orm.Mapped[str] = orm.mapped_column(sa.String(50), unique=True)
    mood: orm.Mapped[Mood] = orm.mapped_column(sa.Enum(Mood, name="mood"), default=Mood.GLAD)
    boss_id: orm.Mapped[int | None] = orm.mapped_column(sa.ForeignKey(f"{SCHEMA}.author.id"))
    boss: orm.Mapped["Author | None"] = orm.relationship(remote_side=[id])
    books: orm.Mapped[list["Book"]] = orm.relationship(
        back_populates="author", cascade="all, delete-orphan", order_by="Book.id")


class Book(Base):
    __tablename__ = "book"
    __table_args__ = (
        sa.CheckConstraint("price >= 0", name="price"),
        sa.UniqueConstraint("author_id", "title"),
        sa.Index("book_year", "year", postgresql_where=sa.text("year is not null")),
        sa.Index("book_lower", sa.func.lower(sa.text("title"))),
        {"comment": "What was written"},
    )
    id: orm.Mapped[int] = orm.mapped_column(sa.BigInteger, sa.Identity(start=10), primary_key=True)
    title: orm.Mapped[str] = orm.mapped_column(sa.Text, comment="As printed")
    price: orm.Mapped[decimal.Decimal] = orm.mapped_column(sa.Numeric(10, 2), server_default="9.50")
    year: orm.Mapped[int | None] = orm.mapped_column(sa.SmallInteger)
    data: orm.Mapped[dict | None] = orm.mapped_column(pg.JSONB)
    words: orm.Mapped[list[str] | None] = orm.mapped_column(pg.ARRAY(sa.Text))
    key: orm.Mapped[uuid.UUID] = orm.mapped_column(
        sa.Uuid, server_default=sa.func.gen_random_uuid())
    made: orm.Mapped[datetime.datetime] = orm.mapped_column(
        sa.DateTime(timezone=True), server_default=sa.func.now())
    author_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("conformance_sqlalchemy.author.id"))
    author: orm.Mapped[Author] = orm.relationship(back_populates="books")
    tags: orm.Mapped[list["Tag"]] = orm.relationship(secondary=tagged, order_by="Tag.name")


class Tag(Base):
    __tablename__ = "tag"
    id: orm.Mapped[int] = orm.mapped_column(primary_key=True)
    name: orm.Mapped[str] = orm.mapped_column(unique=True)


@pytest.fixture(scope="module")
def engine():
    made = sa.create_engine(f"postgresql+psycopg://{USER}@{HOST}:{PORT}/{DATABASE}")
    with made.begin() as connection:
        connection.execute(sa.text(f"drop schema if exists {SCHEMA} cascade"))
        connection.execute(sa.schema.CreateSchema(SCHEMA))
    Base.metadata.create_all(made)
    yield made
    Base.metadata.drop_all(made)
    with made.begin() as connection:
        assert sa.inspect(connection).get_table_names(schema=SCHEMA) == []
        connection.execute(sa.schema.DropSchema(SCHEMA, cascade=True))
    made.dispose()


@pytest.fixture
def session(engine):
    with orm.Session(engine) as made:
        yield made
        made.rollback()
    with engine.begin() as connection:
        names = ", ".join(str(table) for table in Base.metadata.sorted_tables)
        connection.execute(sa.text(f"truncate {names} restart identity"))


@pytest.fixture
def library(session):
    ann = Author(name="Ann")
    bob = Author(name="Bob", mood=Mood.SAD, boss=ann)
    tags = [Tag(name=name) for name in ("new", "old", "rare")]
    ann.books = [
        Book(title="A1", year=2001, price=decimal.Decimal("5.25"), tags=tags[:2], words=["x", "y"],
             data={"pages": 100, "in": ["cs", "en"]}),
        Book(title="A2", tags=tags[2:]),
    ]
    bob.books = [Book(title="B1", year=1999, data={"pages": 20})]
    session.add_all([ann, bob])
    session.commit()
    return session


def test_create_all_again_does_nothing(engine):
    Base.metadata.create_all(engine)


def test_reflection_of_tables(engine):
    inspector = sa.inspect(engine)
    assert SCHEMA in inspector.get_schema_names()
    assert inspector.default_schema_name == "public"
    assert sorted(inspector.get_table_names(schema=SCHEMA)) == ["author", "book", "tag", "tagged"]
    assert inspector.has_table("book", schema=SCHEMA)
    assert not inspector.has_table("no_book", schema=SCHEMA)
    columns = {c["name"]: c for c in inspector.get_columns("book", schema=SCHEMA)}
    assert list(columns) == [
        "id", "title", "price", "year", "data", "words", "key", "made", "author_id"]
    assert {name: str(c["type"]) for name, c in columns.items()} == {
        "id": "BIGINT", "title": "TEXT", "price": "NUMERIC(10, 2)", "year": "SMALLINT", "data": "JSONB",
        "words": "ARRAY", "key": "UUID", "made": "TIMESTAMP", "author_id": "INTEGER"}
    assert columns["made"]["type"].timezone
    assert isinstance(columns["words"]["type"].item_type, sa.TEXT)
    assert [name for name, c in columns.items() if c["nullable"]] == ["year", "data", "words"]
    assert columns["price"]["default"] == "9.50"
    assert columns["key"]["default"] == "gen_random_uuid()"
    assert columns["made"]["default"] == "now()"
    assert (columns["id"]["identity"]["start"], columns["id"]["identity"]["always"]) == (10, False)
    assert columns["title"]["comment"] == "As printed"
    assert inspector.get_table_comment("book", schema=SCHEMA) == {"text": "What was written"}


def test_reflection_of_constraints(engine):
    inspector = sa.inspect(engine)
    primary = inspector.get_pk_constraint("tagged", schema=SCHEMA)
    assert (primary["constrained_columns"], primary["name"]) == (["book", "tag"], "pk_tagged")
    keys = {k["name"]: k for k in inspector.get_foreign_keys("tagged", schema=SCHEMA)}
    assert set(keys) == {"fk_tagged_book", "fk_tagged_tag"}
    book = keys["fk_tagged_book"]
    assert (book["referred_schema"], book["referred_table"], book["referred_columns"]) == (
        SCHEMA, "book", ["id"])
    assert (book["constrained_columns"], book["options"]) == (["book"], {"ondelete": "CASCADE"})
    [own] = inspector.get_foreign_keys("author", schema=SCHEMA)
    assert own["referred_table"] == "author"
    [unique] = inspector.get_unique_constraints("book", schema=SCHEMA)
    assert unique["column_names"] == ["author_id", "title"]
    [check] = inspector.get_check_constraints("book", schema=SCHEMA)
    assert (check["name"], check["sqltext"]) == ("ck_book_price", "price >= 0::numeric")


def test_reflection_of_indexes(engine):
    inspector = sa.inspect(engine)
    indexes = {i["name"]: i for i in inspector.get_indexes("book", schema=SCHEMA)}
    assert set(indexes) == {"book_year", "book_lower", "uq_book_author_id"}
    assert indexes["book_year"]["column_names"] == ["year"]
    assert indexes["book_year"]["dialect_options"]["postgresql_where"] == "(year IS NOT NULL)"
    assert indexes["book_lower"]["expressions"] == ["lower(title)"]
    assert indexes["uq_book_author_id"]["unique"]
    assert indexes["uq_book_author_id"]["duplicates_constraint"] == "uq_book_author_id"


def test_reflection_of_enums_views_and_sequences(engine):
    with engine.begin() as connection:
        connection.execute(sa.text(f"create view {SCHEMA}.cheap as select id, title from {SCHEMA}.book"))
        connection.execute(sa.schema.CreateSequence(sa.Sequence("numbers", schema=SCHEMA)))
    try:
        inspector = sa.inspect(engine)
        [mood] = inspector.get_enums(schema=SCHEMA)
        assert (mood["name"], mood["labels"], mood["schema"]) == ("mood", ["SAD", "GLAD"], SCHEMA)
        assert inspector.get_view_names(schema=SCHEMA) == ["cheap"]
        assert "FROM" in inspector.get_view_definition("cheap", schema=SCHEMA)
        assert [c["name"] for c in inspector.get_columns("cheap", schema=SCHEMA)] == ["id", "title"]
        assert set(inspector.get_sequence_names(schema=SCHEMA)) == {
            "numbers", "author_id_seq", "book_id_seq", "tag_id_seq"}
        assert inspector.has_sequence("numbers", schema=SCHEMA)
    finally:
        with engine.begin() as connection:
            connection.execute(sa.text(f"drop view {SCHEMA}.cheap"))
            connection.execute(sa.schema.DropSequence(sa.Sequence("numbers", schema=SCHEMA)))


def test_reflected_metadata_creates_the_same(engine):
    metadata = sa.MetaData()
    metadata.reflect(engine, schema=SCHEMA)
    assert set(metadata.tables) == {f"{SCHEMA}.{n}" for n in ("author", "book", "tag", "tagged")}
    copy = "conformance_sqlalchemy_copy"
    again = sa.MetaData()
    for table in metadata.sorted_tables:
        table.to_metadata(again, schema=copy, referred_schema_fn=lambda *_: copy)
    with engine.begin() as connection:
        connection.execute(sa.text(f"drop schema if exists {copy} cascade"))
        connection.execute(sa.schema.CreateSchema(copy))
        again.create_all(connection)
        for name in ("author", "book", "tag", "tagged"):
            assert [c["name"] for c in sa.inspect(connection).get_columns(name, schema=copy)] == [
                c["name"] for c in sa.inspect(connection).get_columns(name, schema=SCHEMA)]
        connection.execute(sa.schema.DropSchema(copy, cascade=True))


def test_relationships(library):
    ann = library.scalars(sa.select(Author).where(Author.name == "Ann")).one()
    assert [b.title for b in ann.books] == ["A1", "A2"]
    assert [t.name for t in ann.books[0].tags] == ["new", "old"]
    assert ann.books[0].id == 10 and ann.books[1].price == decimal.Decimal("9.50")
    assert isinstance(ann.books[0].key, uuid.UUID) and ann.books[0].made.tzinfo is not None
    bob = library.scalars(sa.select(Author).filter_by(mood=Mood.SAD)).one()
    assert bob.boss is ann
    bob.books[0].tags.append(ann.books[0].tags[0])
    ann.books.pop()
    library.commit()
    assert library.scalar(sa.select(sa.func.count()).select_from(Book)) == 2
    found = library.scalars(
        sa.select(Author).options(orm.selectinload(Author.books).joinedload(Book.tags))
        .order_by(Author.name)).unique().all()
    assert [[t.name for b in a.books for t in b.tags] for a in found] == [["new", "old"], ["new"]]
    library.delete(ann.books[0])
    library.flush()
    assert library.scalar(sa.select(sa.func.count()).select_from(tagged)) == 1


def test_loading_strategies(library):
    for strategy in (orm.joinedload, orm.selectinload, orm.subqueryload, orm.lazyload):
        library.expire_all()
        authors = library.scalars(
            sa.select(Author).options(strategy(Author.books)).order_by(Author.id)).unique().all()
        assert [len(a.books) for a in authors] == [2, 1]


def test_queries(library):
    count = sa.func.count(Book.id)
    assert library.execute(
        sa.select(Author.name, count, sa.func.sum(Book.price)).join(Book).group_by(Author.name)
        .having(count > 1)).all() == [("Ann", 2, decimal.Decimal("14.75"))]
    best = sa.select(sa.func.max(Book.year)).where(Book.author_id == Author.id).scalar_subquery()
    assert library.execute(sa.select(Author.name, best).order_by(Author.name)).all() == [
        ("Ann", 2001), ("Bob", 1999)]
    assert library.scalars(sa.select(Author.name).where(Author.books.any(Book.year < 2000))).all() == ["Bob"]
    assert library.scalars(sa.select(Book.title).where(Book.author.has(name="Bob"))).all() == ["B1"]
    assert library.scalars(
        sa.select(Book.title).where(Book.title.ilike("a%")).order_by(Book.year.desc().nulls_last())
        .limit(1).offset(1)).all() == ["A2"]
    rank = sa.func.row_number().over(partition_by=Book.author_id, order_by=Book.title.desc())
    assert library.execute(sa.select(Book.title, rank).order_by(Book.title)).all() == [
        ("A1", 2), ("A2", 1), ("B1", 1)]
    boss = orm.aliased(Author)
    assert library.execute(sa.select(Author.name, boss.name).outerjoin(boss, Author.boss).order_by(Author.id)
                           ).all() == [("Ann", None), ("Bob", "Ann")]
    cheap = sa.select(Book.id).where(Book.price < 6).cte("cheap")
    assert library.scalars(sa.select(Book.title).join(cheap, cheap.c.id == Book.id)).all() == ["A1"]
    union = sa.union_all(sa.select(Author.name), sa.select(Tag.name)).subquery()
    assert library.scalar(sa.select(sa.func.count()).select_from(union)) == 5
    label = sa.case((Book.year.is_(None), "unknown"), (Book.year < 2000, "past"), else_="now")
    assert library.scalars(sa.select(label).order_by(Book.id)).all() == ["now", "unknown", "past"]
    assert library.scalars(sa.select(Book.title).where(Book.id.in_([10, 12])).order_by(Book.id)).all() == [
        "A1", "B1"]
    assert library.scalars(sa.select(sa.extract("year", Book.made)).limit(1)).one() >= 2024
    lateral = sa.select(Book.title).where(Book.author_id == Author.id).order_by(
        Book.title.desc()).limit(1).lateral("last")
    assert library.execute(sa.select(Author.name, lateral.c.title).join(lateral, sa.true()).order_by(
        Author.name)).all() == [("Ann", "A2"), ("Bob", "B1")]


def test_recursive_cte(library):
    tree = sa.select(Author.id, Author.name, sa.literal(0).label("depth")).where(
        Author.boss_id.is_(None)).cte("tree", recursive=True)
    tree = tree.union_all(
        sa.select(Author.id, Author.name, tree.c.depth + 1).join(tree, Author.boss_id == tree.c.id))
    assert library.execute(sa.select(tree.c.name, tree.c.depth).order_by(tree.c.depth)).all() == [
        ("Ann", 0), ("Bob", 1)]


def test_jsonb_and_arrays(library):
    def titles(condition):
        return library.scalars(sa.select(Book.title).where(condition).order_by(Book.id)).all()

    assert titles(Book.data["pages"].astext.cast(sa.Integer) > 50) == ["A1"]
    assert titles(Book.data.contains({"pages": 20})) == ["B1"]
    assert titles(Book.data.has_key("in")) == ["A1"]
    assert titles(Book.data[("in", 0)].astext == "cs") == ["A1"]
    assert titles(Book.data["pages"].as_integer() == 20) == ["B1"]
    assert titles(sa.any_(Book.words) == "y") == ["A1"]
    assert titles(Book.words.contains(["x"])) == ["A1"]
    assert titles(Book.words.overlap(["q", "x"])) == ["A1"]
    assert library.scalar(sa.select(Book.words[1]).where(Book.title == "A1")) == "x"
    assert library.scalar(sa.select(sa.func.array_length(Book.words, 1)).where(Book.title == "A1")) == 2
    assert sorted(library.scalars(sa.select(sa.func.unnest(Book.words))).all()) == ["x", "y"]
    assert library.scalar(sa.select(sa.func.array_agg(pg.aggregate_order_by(Book.title, Book.title.desc())))) == [
        "B1", "A2", "A1"]


def test_bulk_insert_returns_in_order(session):
    names = [f"n{i:04}" for i in range(2500)]
    ids = session.scalars(
        sa.insert(Author).returning(Author.id, sort_by_parameter_order=True),
        [{"name": name} for name in names]).all()
    assert ids == sorted(ids) and len(set(ids)) == 2500
    session.add_all([Tag(name=name) for name in names])
    session.flush()
    session.execute(sa.update(Author), [{"id": i, "name": f"changed {i}"} for i in ids[:100]])
    assert session.scalar(sa.select(sa.func.count()).where(Author.name.like("changed%"))) == 100
    session.execute(sa.insert(Tag), [{"name": "one"}, {"name": "two"}])
    result = session.execute(sa.delete(Tag).where(Tag.name.in_(["one", "two"])).returning(Tag.name))
    assert sorted(result.scalars()) == ["one", "two"]


def test_upsert(library):
    insert = pg.insert(Tag).values([{"name": "new"}, {"name": "fresh"}])
    assert library.scalars(insert.on_conflict_do_nothing().returning(Tag.name)).all() == ["fresh"]
    insert = pg.insert(Author).values(name="Ann", mood=Mood.SAD)
    changed = library.execute(insert.on_conflict_do_update(
        index_elements=[Author.name], set_={"mood": insert.excluded.mood, "name": Author.name + "!"},
        where=Author.mood != insert.excluded.mood).returning(Author.name, Author.mood)).all()
    assert changed == [("Ann!", Mood.SAD)]
    insert = pg.insert(Book).values(title="A1", author_id=1, price=7)
    assert library.scalar(insert.on_conflict_do_update(
        constraint="uq_book_author_id", set_={"price": insert.excluded.price}).returning(Book.price)) == 7


def test_update_and_delete_by_criteria(library):
    changed = library.execute(
        sa.update(Book).where(Book.author_id == Author.id, Author.name == "Ann")
        .values(price=Book.price * 2).returning(Book.title, Book.price))
    assert sorted(changed.all()) == [("A1", decimal.Decimal("10.50")), ("A2", decimal.Decimal("19.00"))]
    gone = library.execute(sa.delete(Book).where(Book.author_id.in_(
        sa.select(Author.id).where(Author.name == "Bob"))))
    assert gone.rowcount == 1


def test_savepoints(session):
    session.add(Tag(name="kept"))
    session.flush()
    with pytest.raises(exc.IntegrityError):
        with session.begin_nested():
            session.add(Tag(name="kept"))
            session.flush()
    with session.begin_nested():
        session.add(Tag(name="also"))
    session.commit()
    assert session.scalars(sa.select(Tag.name).order_by(Tag.name)).all() == ["also", "kept"]


@pytest.mark.parametrize("level", ["READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE", "AUTOCOMMIT"])
def test_isolation_levels(engine, level):
    with engine.connect().execution_options(isolation_level=level) as connection:
        expected = "READ COMMITTED" if level == "AUTOCOMMIT" else level
        assert connection.get_isolation_level() == expected
        assert connection.scalar(sa.text("show transaction_isolation")) == expected.lower()
    with engine.connect().execution_options(isolation_level="SERIALIZABLE", postgresql_readonly=True) as connection:
        with pytest.raises(exc.InternalError):
            connection.execute(sa.insert(Tag).values(name="never"))


def test_a_stale_row_is_noticed(library, engine):
    library.scalars(sa.select(Tag)).all()
    with engine.begin() as connection:
        connection.execute(sa.delete(tagged))
        connection.execute(sa.delete(Tag).where(Tag.name == "new"))
    tag = library.scalars(sa.select(Tag).where(Tag.name == "old")).one()
    with engine.begin() as connection:
        connection.execute(sa.delete(Tag).where(Tag.name == "old"))
    tag.name = "x"
    with pytest.raises(orm.exc.StaleDataError):
        library.flush()


def test_locking(library):
    book = library.scalars(sa.select(Book).where(Book.title == "A1").with_for_update()).one()
    library.scalars(sa.select(Book).with_for_update(skip_locked=True, of=Book, key_share=True)).all()
    other = orm.Session(library.get_bind())
    with pytest.raises(exc.OperationalError):
        other.scalars(sa.select(Book).where(Book.id == book.id).with_for_update(nowait=True)).one()
    other.rollback()
    skipped = sa.select(Book.title).where(Book.id == book.id).with_for_update(skip_locked=True)
    assert other.scalars(skipped).all() == []
    other.close()


def test_stream_results(engine, session):
    session.execute(sa.insert(Tag), [{"name": f"n{i:04}"} for i in range(1000)])
    session.commit()
    with engine.connect() as connection:
        rows = connection.execution_options(yield_per=64).execute(sa.select(Tag.name).order_by(Tag.name))
        assert sum(1 for _ in rows) == 1000
        parts = connection.execution_options(stream_results=True, max_row_buffer=100).execute(
            sa.select(Tag.id).where(Tag.name < "n0500")).partitions(30)
        assert sum(len(part) for part in parts) == 500


def test_types_come_back(engine):
    values = {
        sa.Interval(): datetime.timedelta(days=1, microseconds=5), sa.Date(): datetime.date(2024, 2, 29),
        sa.Time(): datetime.time(1, 2, 3, 4), sa.LargeBinary(): b"\0\1", sa.Float(): 1.5, sa.Boolean(): True,
        sa.Double(): -0.1, sa.CHAR(3): "abc", pg.ARRAY(sa.Integer, dimensions=2): [[1, 2], [3, 4]],
        sa.JSON(): {"a": None}, sa.Unicode(): "ž", sa.Numeric(20, 10): decimal.Decimal("1.0123456789"),
        pg.TIMESTAMP(): datetime.datetime(2024, 1, 2, 3, 4, 5, 6),
    }
    metadata = sa.MetaData(schema=SCHEMA)
    table = sa.Table("kinds", metadata, sa.Column("id", sa.Integer, sa.Sequence("kinds_id"), primary_key=True),
                     *(sa.Column(f"c{i}", kind) for i, kind in enumerate(values)),
                     sa.Column("twice", sa.Integer, sa.Computed("id * 2", persisted=True)))
    with engine.begin() as connection:
        metadata.create_all(connection)
        connection.execute(table.insert().values({f"c{i}": v for i, v in enumerate(values.values())}))
        row = connection.execute(sa.select(table)).one()
        assert row == (1, *values.values(), 2)
        columns = sa.inspect(connection).get_columns("kinds", schema=SCHEMA)
        assert columns[-1]["computed"] == {"sqltext": "(id * 2)", "persisted": True}
        metadata.drop_all(connection)


def test_errors_are_of_their_class(session):
    session.add(Book(title="orphan", author_id=99))
    with pytest.raises(exc.IntegrityError) as raised:
        session.flush()
    assert raised.value.orig.sqlstate == "23503"
    session.rollback()
    with pytest.raises(exc.DataError):
        session.execute(sa.text("select 1 / 0"))
    session.rollback()
    with pytest.raises(exc.ProgrammingError):
        session.execute(sa.text("select * from nowhere"))
