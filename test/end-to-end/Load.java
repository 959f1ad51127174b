import java.io.IOException;
import java.io.RandomAccessFile;

/** Does what its first argument says until it is ended. Once it has printed a line it is at it. */
public class Load {
  static final int MIB = 1 << 20;

  public static void main(String[] args) throws Exception {
    switch (args[0]) {
      case "rest" -> rest(Integer.parseInt(args[1]));
      case "garbage" -> makeGarbage(Integer.parseInt(args[1]), Integer.parseInt(args[2]));
      case "write" -> write(args[1], Integer.parseInt(args[2]), Integer.parseInt(args[3]));
      case "spill" -> spill(args[1], Integer.parseInt(args[2]));
      default -> throw new IllegalArgumentException(args[0]);
    }
  }

  static void rest(int liveMib) throws InterruptedException {
    byte[][] live = new byte[liveMib][];
    for (int i = 0; i < live.length; i++) live[i] = new byte[MIB - 64];
    System.out.println("ready");
    Thread.sleep(600_000);
    System.out.println(live.length);
  }

  /** So much garbage ten times a second, a part of it in the place of what has lived for long. */
  static void makeGarbage(int liveMib, int mibAtOnce) throws InterruptedException {
    Object[] live = new Object[liveMib * 1024];
    for (int i = 0; i < live.length; i++) live[i] = aboutOneKib();
    System.out.println("ready");
    long nextNs = System.nanoTime();
    for (int i = 0; ; nextNs += 100_000_000) {
      for (int n = 0; n < mibAtOnce * 1024; n++) {
        Object made = aboutOneKib();
        if (n % 32 == 0) live[i++ % live.length] = made;
      }
      long restMs = (nextNs - System.nanoTime()) / 1_000_000;
      if (restMs > 0) Thread.sleep(restMs);
    }
  }

  static Object aboutOneKib() {
    byte[][] all = new byte[32][];
    for (int i = 0; i < all.length; i++) all[i] = new byte[8];
    return all;
  }

  static void write(String path, int fileMib, int liveMib)
      throws IOException, InterruptedException {
    writeAll(path, fileMib).close();
    rest(liveMib);
  }

  /** What is written is read again and again, as by a sort that has no room for its data. */
  static void spill(String path, int fileMib) throws IOException, InterruptedException {
    byte[] block = new byte[MIB];
    try (RandomAccessFile file = writeAll(path, fileMib)) {
      System.out.println("ready");
      for (; ; file.seek(0)) {
        // A disk that others need too is not taken whole.
        while (file.read(block) > 0) Thread.sleep(2);
      }
    }
  }

  static RandomAccessFile writeAll(String path, int fileMib) throws IOException {
    RandomAccessFile file = new RandomAccessFile(path, "rw");
    byte[] block = new byte[MIB];
    for (int i = 0; i < fileMib; i++) file.write(block);
    file.getFD().sync();
    file.seek(0);
    return file;
  }
}
