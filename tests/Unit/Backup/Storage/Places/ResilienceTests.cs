using System.Threading.Channels;
using Microsoft.Extensions.Time.Testing;
using ProdOps.Backup.Repositories;
using ProdOps.Backup.Storage;

namespace ProdOps.Backup.Tests.Storage;

public sealed class ResilienceTests
{
    private readonly SteppedClock _time = new();
    private readonly MemoryStorage _memory = new();
    private readonly FileHandle _file = new(FileKind.Pack, ObjectId.Of("x"u8));
    private int _attempts;

    [Fact]
    public async Task What_may_be_gone_in_a_moment_is_tried_again_and_each_time_told()
    {
        Fail(3, BackupErrors.PlaceBusy("place", "HTTP 500", retryAfter: null));
        var activity = new VerboseActivity();
        await RunAsync(new ResilientStorage(_memory, new RetryOptions(), _time, activity), async storage => await storage.WriteAsync(_file, "x"u8.ToArray(), default));
        Assert.Equal(4, _attempts);
        Assert.Equal(3, activity.Lines.Count);
        Assert.All(activity.Lines, line => Assert.Matches(@"^Trying again in \d+\.\d s to write data/2d711642 \(attempt \d\): 'place' could not answer \(HTTP 500\)", line));
        Assert.Equal("x"u8.ToArray(), _memory.Files[_file]);
    }

    [Fact]
    public async Task What_stays_as_it_is_is_asked_once()
    {
        foreach (var error in new[] { BackupErrors.PlaceLoginFailed("place", "me"), BackupErrors.StoredFileMissing("x"), BackupErrors.StorageFull("x"), BackupErrors.PlaceDenied("place", "write", "HTTP 403") })
        {
            _attempts = 0;
            Fail(int.MaxValue, error);
            var failure = await Assert.ThrowsAsync<ProdOpsException>(() => RunAsync(Storage(), async storage => await storage.WriteAsync(_file, default, default)));
            Assert.Equal((error, 1), (failure, _attempts));
        }
    }

    [Fact]
    public async Task Trying_again_ends_after_a_quarter_of_an_hour()
    {
        Fail(int.MaxValue, BackupErrors.PlaceUnreachable("place", "cut"));
        var started = _time.GetUtcNow();
        await Assert.ThrowsAsync<StorageTroubleException>(() => RunAsync(Storage(), async storage => await storage.WriteAsync(_file, default, default)));
        Assert.InRange(_time.GetUtcNow() - started, TimeSpan.FromMinutes(15), TimeSpan.FromMinutes(18));
        Assert.InRange(_attempts, 15, 60);
    }

    [Fact]
    public async Task A_place_that_was_never_reached_is_given_up_soon()
    {
        Fail(int.MaxValue, BackupErrors.PlaceUnreachable("place", "refused", isConnecting: true));
        await Assert.ThrowsAsync<StorageTroubleException>(() => RunAsync(Storage(), async storage => await storage.WriteAsync(_file, default, default)));
        Assert.Equal(3, _attempts);
    }

    [Fact]
    public async Task A_server_says_when_to_come_back_but_not_in_a_day()
    {
        Fail(1, BackupErrors.PlaceBusy("place", "HTTP 429", TimeSpan.FromSeconds(20)));
        var started = _time.GetUtcNow();
        await RunAsync(Storage(), async storage => await storage.WriteAsync(_file, default, default));
        Assert.InRange(_time.GetUtcNow() - started, TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(25));
        _attempts = 0;
        Fail(1, BackupErrors.PlaceBusy("place", "HTTP 503", TimeSpan.FromDays(1)));
        started = _time.GetUtcNow();
        await RunAsync(Storage(), async storage => await storage.WriteAsync(_file, default, default));
        Assert.InRange(_time.GetUtcNow() - started, TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(65));
    }

    [Fact]
    public async Task A_pack_is_sent_again_whole_and_locks_do_not_wait_for_packs()
    {
        var blocked = new TaskCompletionSource();
        int packs = 0;
        _memory.BeforeWrite = file => file.Kind == FileKind.Pack && Interlocked.Increment(ref packs) > 0 ? blocked.Task : Task.CompletedTask;
        await using var storage = Storage();
        var writes = Enumerable.Range(0, 4).Select(i => storage.WriteAsync(new FileHandle(FileKind.Pack, ObjectId.Of([(byte)i])), new byte[] { 1 }, default).AsTask()).ToList();
        await storage.WriteAsync(new FileHandle(FileKind.Lock, ObjectId.Of("lock"u8)), default, default);
        Assert.Equal(_memory.Connections, packs);
        blocked.SetResult();
        await Task.WhenAll(writes);

        Fail(2, BackupErrors.PlaceUnreachable("place", "cut"));
        using var pending = storage.BeginFile(FileKind.Pack);
        pending.Append("whole"u8);
        await RunAsync(null, async _ => await pending.CommitAsync(_file.Id, default));
        Assert.Equal("whole"u8.ToArray(), _memory.Files[_file]);
    }

    [Fact]
    public async Task When_a_file_was_written_is_handed_on()
    {
        using var folder = new TemporaryFolder();
        await using var local = new LocalStorage(folder["repository"], TimeProvider.System);
        await local.CreateAsync(default);
        await local.WriteAsync(new FileHandle(FileKind.Snapshot, ObjectId.Of("x"u8)), "x"u8.ToArray(), default);
        await using var storage = new ResilientStorage(local, new RetryOptions(), _time, SilentActivity.Instance);
        var expected = await local.ListAsync(FileKind.Snapshot, default).ToListAsync();
        Assert.NotNull(Assert.Single(expected).Written);
        Assert.Equal(expected, await storage.ListAsync(FileKind.Snapshot, default).ToListAsync());
    }

    [Fact]
    public async Task Waiting_for_a_rate_limit_is_no_silence_of_the_place()
    {
        var options = new TransferOptions { Time = _time };
        using var watch = new StallWatch(options, default);
        var limit = new RateLimit(100, _time);
        await watch.PaceAsync(limit, 100_000, watch.Token);
        var next = watch.PaceAsync(limit, 100, watch.Token).AsTask();
        _time.Advance(TimeSpan.FromSeconds(999));
        Assert.False(watch.Token.IsCancellationRequested || next.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(2));
        await next;
        _time.Advance(options.MaximumSilence);
        Assert.True(watch.HasStalled);
    }

    [Fact]
    public async Task Bytes_are_spread_over_time()
    {
        var limit = new RateLimit(1000, _time);
        var started = _time.GetUtcNow();
        await RunAsync(null, async _ =>
        {
            for (int i = 0; i < 10; i++) await limit.TakeAsync(500, default);
        });
        // The last piece goes when those before it have had their time.
        Assert.InRange((_time.GetUtcNow() - started).TotalSeconds, 4.5, 5.6);
    }

    private ResilientStorage Storage() => new(_memory, new RetryOptions(), _time, SilentActivity.Instance);

    private void Fail(int times, ProdOpsException error) => _memory.BeforeWrite = _ => ++_attempts <= times ? Task.FromException(error) : Task.CompletedTask;

    /// <summary>Runs something whose waits are over as soon as they begin: the clock moves by what is waited for, and by nothing else.</summary>
    private async Task RunAsync(ResilientStorage? storage, Func<IStorage, Task> work)
    {
        var running = Task.Run(() => work(storage!));
        while (await Task.WhenAny(running, _time.Waits.WaitToReadAsync().AsTask()) != running)
        {
            while (_time.Waits.TryRead(out var wait)) _time.Advance(wait);
        }

        await running;
    }

    private sealed class SteppedClock : FakeTimeProvider
    {
        private readonly Channel<TimeSpan> _waits = Channel.CreateUnbounded<TimeSpan>();

        /// <summary>What is waited for.</summary>
        public ChannelReader<TimeSpan> Waits => _waits.Reader;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = base.CreateTimer(callback, state, dueTime, period);
            if (dueTime > TimeSpan.Zero) _waits.Writer.TryWrite(dueTime);
            return timer;
        }
    }

    private sealed class VerboseActivity : IActivity
    {
        public List<string> Lines { get; } = [];

        public void Verbose(string message) => Lines.Add(message);

        public void Warning(string message) { }

        public void Error(ProdOpsException error) { }

        public void Progress(ActivityProgress progress) { }
    }
}
