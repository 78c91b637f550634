import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.MongoVersion;
import de.bwaldvogel.mongo.backend.h2.H2Backend;
import java.util.List;
import org.h2.mvstore.MVStore;

/** Speaks MongoDB's wire protocol on loopback: {@code Main <port> <file>}. */
public class Main {

  /** The driver refuses servers before 4.2; the newest that the library names itself is too old. */
  private static final MongoVersion VERSION =
      new MongoVersion() {
        @Override
        public List<Integer> getVersionArray() {
          return List.of(6, 0, 0);
        }

        @Override
        public int getWireVersion() {
          return 17;
        }
      };

  public static void main(String[] args) {
    MVStore store = MVStore.open(args[1]);
    store.setAutoCommitDelay(20);
    H2Backend backend = new H2Backend(store);
    backend.version(VERSION);
    MongoServer server = new MongoServer(backend);
    // What was acknowledged in the last milliseconds is written when the store is closed.
    Runtime.getRuntime().addShutdownHook(new Thread(server::shutdownNow));
    server.bind("127.0.0.1", Integer.parseInt(args[0]));
  }
}
