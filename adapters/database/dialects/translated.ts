import type { DatabaseConnection, Dialect, Driver } from "kysely";
import type { StoreError } from "../../../core/events/errors";

/** A dialect whose errors are StoreErrors, whatever its driver throws. */
export function translated(dialect: Dialect, translate: (error: unknown) => StoreError): Dialect {
  const rethrow = (error: unknown): never => {
    throw translate(error);
  };
  const known = new WeakSet<DatabaseConnection>();
  return {
    createAdapter: () => dialect.createAdapter(),
    createQueryCompiler: () => dialect.createQueryCompiler(),
    createIntrospector: (db) => dialect.createIntrospector(db),
    createDriver: () => {
      const driver: Driver = dialect.createDriver();
      const acquire = driver.acquireConnection.bind(driver);
      const commit = driver.commitTransaction.bind(driver);
      driver.acquireConnection = async () => {
        const connection = await acquire().catch(rethrow);
        if (!known.has(connection)) {
          known.add(connection);
          const execute = connection.executeQuery.bind(connection);
          connection.executeQuery = (query) => execute(query).catch(rethrow) as never;
        }
        return connection;
      };
      driver.commitTransaction = (connection) => commit(connection).catch(rethrow);
      return driver;
    },
  };
}
