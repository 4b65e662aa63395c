"""What is remembered of board between runs: clients, projects, and how far the lists were read."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from seikyu.board.words import PaymentMethod
from seikyu.connector.facts import ClientFacts, ProjectFacts
from seikyu.connector.store.database import Database, optional_moment, optional_unix, upsert
from seikyu.connector.store.tables import clients, connections, projects


@dataclass(frozen=True, slots=True)
class Reading:
    """How far board's lists are known (by `updated_at`); None: never read."""

    invoices_until: datetime | None = None
    clients_until: datetime | None = None
    projects_until: datetime | None = None
    last_complete_run_began_at: datetime | None = None


class Mirror:
    """What one connection remembers of board."""

    def __init__(self, database: Database, connection_id: str) -> None:
        """Read and write what this connection remembers."""
        self._database, self._id = database, connection_id

    def reading(self) -> Reading:
        """Return how far the lists are known."""
        query = select(connections).where(connections.c.id == self._id)
        with self._database.transaction() as connection:
            row = connection.execute(query).mappings().first()
        if row is None:
            return Reading()
        return Reading(
            invoices_until=optional_moment(row["invoices_seen_until"]),
            clients_until=optional_moment(row["clients_seen_until"]),
            projects_until=optional_moment(row["projects_seen_until"]),
            last_complete_run_began_at=optional_moment(row["last_complete_run_began_at"]),
        )

    def remember(
        self,
        reading: Reading,
        read_clients: Iterable[ClientFacts] = (),
        read_projects: Iterable[ProjectFacts] = (),
    ) -> None:
        """Keep the records and how far they were read, all in one transaction."""
        with self._database.transaction() as connection:
            upsert(connection, clients, [self._client_row(client) for client in read_clients])
            upsert(connection, projects, [self._project_row(project) for project in read_projects])
            row = {
                "id": self._id,
                "invoices_seen_until": optional_unix(reading.invoices_until),
                "clients_seen_until": optional_unix(reading.clients_until),
                "projects_seen_until": optional_unix(reading.projects_until),
                "last_complete_run_began_at": optional_unix(reading.last_complete_run_began_at),
            }
            upsert(connection, connections, [row])

    def clients(self) -> dict[int, ClientFacts]:
        """Return every client remembered, by id."""
        query = select(clients).where(clients.c.connection_id == self._id)
        with self._database.transaction() as connection:
            rows = connection.execute(query).mappings().all()
        return {
            row["id"]: ClientFacts(row["id"], row["name"], tuple(row["addresses"]), None)
            for row in rows
        }

    def projects(self) -> dict[int, ProjectFacts]:
        """Return every project remembered, by id."""
        query = select(projects).where(projects.c.connection_id == self._id)
        with self._database.transaction() as connection:
            rows = connection.execute(query).mappings().all()
        return {
            row["id"]: ProjectFacts(
                row["id"],
                row["project_no"],
                row["name"],
                tuple(row["addresses"]),
                None if row["payment_method"] is None else PaymentMethod(row["payment_method"]),
                None,
            )
            for row in rows
        }

    def _client_row(self, client: ClientFacts) -> dict[str, object]:
        return {
            "connection_id": self._id,
            "id": client.id,
            "name": client.name,
            "addresses": list(client.to),
        }

    def _project_row(self, project: ProjectFacts) -> dict[str, object]:
        return {
            "connection_id": self._id,
            "id": project.id,
            "project_no": project.project_no,
            "name": project.name,
            "addresses": list(project.to),
            "payment_method": project.payment_method,
        }
