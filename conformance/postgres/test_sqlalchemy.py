"""SQLAlchemy 2 over psycopg: schema, reflection, core and ORM."""

import enum
from decimal import Decimal

import pytest
import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.dialects import postgresql as pg

from conftest import DATABASE, HOST, PORT, USER


class Base(orm.DeclarativeBase):
    pass


class Mood(enum.Enum):
    sad = "sad"
    happy = "happy"


class Author(Base):
    __tablename__ = "sa_author"
    id: orm.Mapped[int] = orm.mapped_column(primary_key=True)
    name: orm.Mapped[str] = orm.mapped_column(sa.String(40), unique=True)
    mood: orm.Mapped[Mood | None] = orm.mapped_column(sa.Enum(Mood, name="sa_mood"))
    meta: orm.Mapped[dict] = orm.mapped_column(pg.JSONB, default=dict)
    tags: orm.Mapped[list[str]] = orm.mapped_column(pg.ARRAY(sa.Text), default=list)
    created = orm.mapped_column(sa.DateTime(timezone=True), server_default=sa.func.now())
    books: orm.Mapped[list["Book"]] = orm.relationship(
        back_populates="author", cascade="all, delete-orphan", order_by="Book.id")


class Book(Base):
    __tablename__ = "sa_book"
    __table_args__ = (
        sa.UniqueConstraint("author_id", "title", name="sa_book_title"),
        sa.CheckConstraint("price > 0", name="sa_book_price"),
        sa.Index("sa_book_by_price", sa.text("price DESC"), postgresql_where=sa.text("price > 5")),
    )
    id: orm.Mapped[int] = orm.mapped_column(sa.Identity(), primary_key=True)
    author_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("sa_author.id", ondelete="CASCADE"))
    title: orm.Mapped[str]
    price = orm.mapped_column(sa.Numeric(8, 2), nullable=False)
    author: orm.Mapped[Author] = orm.relationship(back_populates="books")


@pytest.fixture(scope="module")
def engine():
    made = sa.create_engine(f"postgresql+psycopg://{USER}@{HOST}:{PORT}/{DATABASE}")
    Base.metadata.drop_all(made)
    Base.metadata.create_all(made)
    yield made
    Base.metadata.drop_all(made)
    assert not {"sa_author", "sa_book"} & set(sa.inspect(made).get_table_names())
    made.dispose()


@pytest.fixture
def session(engine):
    with orm.Session(engine) as opened:
        yield opened
        opened.rollback()
        opened.execute(sa.delete(Book))
        opened.execute(sa.delete(Author))
        opened.commit()


def test_reflection(engine):
    inspector = sa.inspect(engine)
    assert {"sa_author", "sa_book"} <= set(inspector.get_table_names())
    columns = {column["name"]: column for column in inspector.get_columns("sa_book")}
    assert list(columns) == ["id", "author_id", "price", "title"]
    assert columns["id"]["identity"]["always"] is False and not columns["title"]["nullable"]
    assert isinstance(columns["price"]["type"], sa.Numeric) and columns["price"]["type"].scale == 2
    assert inspector.get_pk_constraint("sa_book")["constrained_columns"] == ["id"]
    key = inspector.get_foreign_keys("sa_book")[0]
    assert key["referred_table"] == "sa_author" and key["options"] == {"ondelete": "CASCADE"}
    assert [item["name"] for item in inspector.get_unique_constraints("sa_book")] == ["sa_book_title"]
    assert [item["name"] for item in inspector.get_check_constraints("sa_book")] == ["sa_book_price"]
    assert "sa_book_by_price" in [item["name"] for item in inspector.get_indexes("sa_book")]
    author = {column["name"]: column for column in inspector.get_columns("sa_author")}
    assert isinstance(author["mood"]["type"], pg.ENUM) and author["mood"]["type"].enums == ["sad", "happy"]
    assert isinstance(author["tags"]["type"], pg.ARRAY) and isinstance(author["meta"]["type"], pg.JSONB)
    assert "nextval" in author["id"]["default"] and author["created"]["default"] == "now()"
    assert "sa_mood" in [item["name"] for item in inspector.get_enums()]
    table = sa.Table("sa_book", sa.MetaData(), autoload_with=engine)
    assert [column.name for column in table.columns] == ["id", "author_id", "price", "title"]


def test_orm(session):
    session.add(
        Author(name="ann", mood=Mood.happy, meta={"k": [1, {"x": None}]}, tags=["a", "b"],
               books=[Book(title="one", price=Decimal("5")), Book(title="two", price=Decimal("7.25"))]))
    session.add_all([Author(name=f"n{number}") for number in range(20)])
    session.commit()
    ann = session.scalars(sa.select(Author).where(Author.name == "ann")).one()
    assert ann.mood is Mood.happy and ann.meta == {"k": [1, {"x": None}]} and ann.tags == ["a", "b"]
    assert [book.title for book in ann.books] == ["one", "two"] and ann.created is not None
    rows = session.execute(
        sa.select(Author.name, sa.func.count(Book.id), sa.func.sum(Book.price))
        .outerjoin(Author.books).group_by(Author.id).order_by(sa.desc(sa.func.count(Book.id)), Author.name)
        .limit(2)).all()
    assert rows[0][:2] == ("ann", 2) and float(rows[0][2]) == 12.25 and rows[1][1] == 0
    assert session.scalar(
        sa.select(Author.name).where(Author.meta["k"][0].as_integer() == 1)) == "ann"
    assert session.scalar(sa.select(Author.name).where(Author.tags.contains(["b"]))) == "ann"
    eager = session.scalars(
        sa.select(Author).options(orm.selectinload(Author.books), orm.undefer("*"))
        .where(Author.books.any(Book.price > 6))).all()
    assert [author.name for author in eager] == ["ann"]
    ann.books[0].price = Decimal("50")
    del ann.books[1]
    session.commit()
    assert session.scalars(sa.select(Book.price)).all() == [50]
    session.delete(ann)
    session.commit()
    assert session.scalar(sa.select(sa.func.count()).select_from(Book)) == 0


def test_core(engine, session):
    result = session.execute(
        sa.insert(Author).returning(Author.id, Author.name, sort_by_parameter_order=True),
        [{"name": f"c{number}", "meta": {}, "tags": []} for number in range(50)])
    rows = result.all()
    assert [row.name for row in rows] == [f"c{number}" for number in range(50)]
    upsert = pg.insert(Author).values(name="c0", meta={"u": 1}, tags=[])
    upsert = upsert.on_conflict_do_update(
        index_elements=[Author.name], set_={"meta": upsert.excluded.meta})
    session.execute(upsert)
    session.execute(pg.insert(Author).values(name="c1", meta={}, tags=[]).on_conflict_do_nothing())
    assert session.scalar(sa.select(Author.meta).where(Author.name == "c0")) == {"u": 1}
    session.execute(sa.update(Author).where(Author.name.like("c1%")).values(mood=Mood.sad))
    session.commit()
    with engine.connect().execution_options(stream_results=True, max_row_buffer=7) as connection:
        names = [row[0] for row in connection.execute(sa.select(Author.name).order_by(Author.id))]
        assert names == [f"c{number}" for number in range(50)]
    ranked = sa.select(
        Author.name, sa.func.row_number().over(order_by=sa.desc(Author.name)).label("n")).subquery()
    assert session.execute(sa.select(ranked).where(ranked.c.n <= 2)).all() == [("c9", 1), ("c8", 2)]
    recursive = sa.select(sa.literal(1).label("n")).cte("t", recursive=True)
    recursive = recursive.union_all(sa.select(recursive.c.n + 1).where(recursive.c.n < 5))
    assert session.scalar(sa.select(sa.func.sum(recursive.c.n))) == 15


def test_transactions(engine, session):
    with pytest.raises(sa.exc.IntegrityError):
        session.add_all([Author(name="same"), Author(name="same")])
        session.commit()
    session.rollback()
    session.add(Author(name="kept"))
    with pytest.raises(sa.exc.IntegrityError):
        with session.begin_nested():
            session.add(Author(name="kept"))
            session.flush()
    session.commit()
    assert session.scalars(sa.select(Author.name)).all() == ["kept"]
    for level in ["READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE"]:
        with engine.connect().execution_options(isolation_level=level) as connection:
            shown = connection.scalar(sa.text("show transaction_isolation"))
            assert shown == level.lower()
    locked = session.scalars(sa.select(Author).with_for_update(skip_locked=True)).all()
    assert len(locked) == 1
