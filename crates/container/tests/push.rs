//! Push and pull: what is sent, how often, and what happens when the wire is cut.

mod support;

use std::fs;
use std::sync::Arc;

use container::registry::{Quirks, Registry};
use container::rootfs;
use container::transfer::{self, Event, How, Login, Remote};
use support::{Heard, Random, chunks, image, largest, noise, quick, remote, skopeo, state, who};

const MIB: u64 = 1 << 20;

#[tokio::test(flavor = "multi_thread")]
async fn pushed_pulled_and_unpacked() {
    let dir = tempfile::tempdir().unwrap();
    let image = image(dir.path(), 1000, 1);
    let registry = Registry::start().await.unwrap();
    let heard = Heard::default();
    let remote = remote(&registry.url(), &heard);
    let first = transfer::push(&image, &remote, "v1", &chunks()).await.unwrap();
    assert_eq!((first.sent, first.there, first.unchanged), (4, 0, false));
    let again = transfer::push(&image, &remote, "v2", &chunks()).await.unwrap();
    assert_eq!((again.sent, again.there, again.unchanged), (0, 4, false));
    // Nothing to do takes one question.
    let before = registry.requests();
    let same = transfer::push(&image, &remote, "v2", &chunks()).await.unwrap();
    assert_eq!((same.sent, same.there, same.unchanged), (0, 4, true));
    assert_eq!(registry.requests() - before, 1);

    let pulled = transfer::pull(&remote, &image.name, &image.digest, &dir.path().join("pulled")).await.unwrap();
    assert_eq!((&pulled.manifest, &pulled.blobs), (&image.manifest, &image.blobs));
    let root = dir.path().join("root");
    rootfs::unpack(&pulled, &root, false).unwrap();
    assert_eq!(fs::read(root.join("noise")).unwrap(), noise(1000, 1));
    assert_eq!(fs::read(root.join("bin/true")).unwrap(), fs::read("/bin/true").unwrap());
    // An independent client of our registry.
    let address = registry.address;
    let told = tokio::task::spawn_blocking(move || {
        skopeo(&["inspect", "--tls-verify=false", "--raw", &format!("docker://{address}/test/case:v1")])
    });
    assert_eq!(told.await.unwrap().as_bytes(), image.manifest);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_blob_goes_in_chunks_and_progress_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let image = image(dir.path(), 20 << 20, 2);
    let registry = Registry::start().await.unwrap();
    let heard = Heard::default();
    transfer::push(&image, &remote(&registry.url(), &heard), "v1", &chunks()).await.unwrap();
    let blob = largest(&image);
    assert_eq!(registry.blob(&blob.digest).unwrap(), fs::read(image.path(blob)).unwrap());
    let told = heard.all();
    let sent = told.iter().filter_map(|e| match e {
        Event::Sent { digest, bytes } if *digest == blob.digest => Some(*bytes),
        _ => None,
    });
    let sent: Vec<u64> = sent.collect();
    assert!(sent.is_sorted() && sent.last() == Some(&blob.size), "{sent:?}");
    assert!(told.contains(&Event::Done { digest: blob.digest.clone(), size: blob.size, how: How::Sent }));
    let waste = registry.received() - image.size();
    assert!(waste < 100_000, "{waste} bytes besides the blobs");
}

/// The wire is cut at 20 places: the same push goes on by itself, and sends again only what the registry had not.
#[tokio::test(flavor = "multi_thread")]
async fn a_cut_wire_is_no_end() {
    let dir = tempfile::tempdir().unwrap();
    let image = image(dir.path(), 20 << 20, 3);
    let mut random = Random(2026);
    for round in 0..20 {
        let registry = Registry::start().await.unwrap();
        let heard = Heard::default();
        let place = random.below(image.size());
        registry.cut_after(place);
        let pushed = transfer::push(&image, &remote(&registry.url(), &heard), "v1", &chunks()).await;
        let pushed = pushed.unwrap_or_else(|e| panic!("round {round}, cut after {place}: {e}"));
        assert_eq!(registry.digest_of(&image.name, "v1"), Some(image.digest.clone()), "round {round}");
        assert!(pushed.sent + pushed.there == 4, "{pushed:?}");
        assert!(!heard.waits().is_empty(), "round {round}: it was cut");
        let again = registry.received().saturating_sub(image.size());
        assert!(again < 9 * MIB, "round {round}, cut after {place}: {again} bytes more than the image has");
    }
}

/// The push itself is ended at 20 places: the next one goes on from there.
#[tokio::test(flavor = "multi_thread")]
async fn a_push_that_was_ended_goes_on_in_the_next_run() {
    let dir = tempfile::tempdir().unwrap();
    let image = image(dir.path(), 20 << 20, 4);
    let blob = largest(&image);
    let mut random = Random(1989);
    let (mut resumed, mut unfinished) = (0, 0);
    for round in 0..20 {
        let registry = Registry::start().await.unwrap();
        let place = random.below(blob.size);
        let (stop, stopped) = tokio::sync::oneshot::channel();
        let stop = Arc::new(std::sync::Mutex::new(Some(stop)));
        let wanted = blob.digest.clone();
        let tell = move |event: &Event| {
            if let Event::Sent { digest, bytes } = event
                && *digest == wanted
                && *bytes >= place
                && let Some(stop) = stop.lock().unwrap().take()
            {
                let _ = stop.send(());
            }
        };
        let first = Remote::with(&registry.url(), Login::Nobody, quick(), Arc::new(tell)).unwrap();
        let options = state(&dir.path().join(round.to_string()));
        let (task_image, task_options) = (image.clone(), options.clone());
        let task = tokio::spawn(async move { transfer::push(&task_image, &first, "v1", &task_options).await });
        stopped.await.unwrap();
        task.abort();
        let ended = task.await;
        // What was on its way may still arrive.
        let before = loop {
            let before = registry.received();
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            if before == registry.received() {
                break before;
            }
        };
        if ended.is_err() {
            unfinished += 1;
            assert_eq!(registry.digest_of(&image.name, "v1"), None, "the manifest comes last");
        }
        let heard = Heard::default();
        transfer::push(&image, &remote(&registry.url(), &heard), "v1", &options).await.unwrap();
        assert_eq!(registry.digest_of(&image.name, "v1"), Some(image.digest.clone()), "round {round}");
        assert_eq!(registry.blob(&blob.digest).unwrap(), fs::read(image.path(blob)).unwrap());
        resumed += usize::from(heard.begins(&blob.digest).first().is_some_and(|from| *from > 0));
        let sent = registry.received() - before;
        // Of this blob only what was missing: what had come counts with the rest as one blob.
        let all = registry.received();
        assert!(all < image.size() + 2 * MIB, "round {round} at {place}: {sent} bytes in the second run, {all} in all");
        let left = fs::read_dir(options.state.unwrap()).unwrap().count();
        assert_eq!(left, 0, "nothing is kept of what is done");
    }
    assert!(unfinished >= 15, "{unfinished} of 20 were ended before they were done");
    assert!(resumed >= 15, "{resumed} of 20 went on where they were");
}

#[tokio::test(flavor = "multi_thread")]
async fn where_a_registry_cannot_resume_the_blob_is_sent_again_and_that_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let image = image(dir.path(), 20 << 20, 5);
    for quirks in [Quirks { no_status: true, ..Quirks::default() }, Quirks { forgetful: true, ..Quirks::default() }] {
        let registry = Registry::start_as(quirks).await.unwrap();
        registry.cut_after(12 << 20);
        let heard = Heard::default();
        transfer::push(&image, &remote(&registry.url(), &heard), "v1", &chunks()).await.unwrap();
        assert_eq!(registry.digest_of(&image.name, "v1"), Some(image.digest.clone()));
        assert_eq!(heard.restarts(), 1, "{:?}", heard.waits());
        assert!(registry.received() < 2 * image.size());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_kept_of_an_upload_may_be_wrong() {
    let dir = tempfile::tempdir().unwrap();
    let image = image(dir.path(), 10 << 20, 6);
    let options = state(dir.path());
    // Ended in the middle.
    let first = Registry::start().await.unwrap();
    first.cut_after(9 << 20);
    let once = container::transfer::Patience { tries: 1, ..quick() };
    let hasty = Remote::with(&first.url(), Login::Nobody, once, Arc::new(|_| {})).unwrap();
    let error = transfer::push(&image, &hasty, "v1", &options).await.unwrap_err().to_string();
    assert!(error.contains("run it again to go on from here"), "{error}");
    let kept: Vec<_> = fs::read_dir(dir.path().join("state")).unwrap().map(|e| e.unwrap().path()).collect();
    assert!(!kept.is_empty());
    for text in [
        "",
        "nonsense",
        "http://127.0.0.1:9/v2/x\nend\n",
        &format!("{}/v2/test/case/blobs/uploads/none\nend\n", first.url()),
    ] {
        for path in &kept {
            fs::write(path, text).unwrap();
        }
        let heard = Heard::default();
        let registry = Registry::start().await.unwrap();
        transfer::push(&image, &remote(&registry.url(), &heard), "v1", &options).await.unwrap();
        transfer::push(&image, &remote(&first.url(), &heard), "v2", &options).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registry_that_nobody_can_reach() {
    let dir = tempfile::tempdir().unwrap();
    let image = image(dir.path(), 100, 7);
    let heard = Heard::default();
    let error = transfer::push(&image, &remote("http://127.0.0.1:9", &heard), "v1", &chunks()).await.unwrap_err();
    assert!(error.to_string().contains("tried 6 times"), "{error}");
    assert_eq!(heard.waits().len(), 5);
    for (name, tag) in [("test/../case", "v1"), ("test/case", "a b"), ("test/case", "../x"), ("", "v1")] {
        let mut other = image.clone();
        other.name = name.into();
        assert!(transfer::push(&other, &remote("http://127.0.0.1:9", &heard), tag, &chunks()).await.is_err());
    }
    for bad in ["", "127.0.0.1:5000", "http://user@host", "http://host/path", "ftp:"] {
        assert!(Remote::open(bad).is_err(), "{bad}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registry_with_a_password() {
    let dir = tempfile::tempdir().unwrap();
    let image = image(dir.path(), 100, 8);
    let quirks = Quirks { passwords: vec![(who("s3cret"), None)], ..Quirks::default() };
    let registry = Registry::start_as(quirks).await.unwrap();
    for wrong in [Login::Nobody, Login::Fixed(who("other"))] {
        let remote = Remote::with(&registry.url(), wrong, quick(), Arc::new(|_| {})).unwrap();
        let error = transfer::push(&image, &remote, "v1", &chunks()).await.unwrap_err().to_string();
        assert!(error.contains("401") && error.contains("are they right") && !error.contains("other"), "{error}");
    }
    let remote = Remote::with(&registry.url(), Login::Fixed(who("s3cret")), quick(), Arc::new(|_| {})).unwrap();
    assert_eq!(transfer::push(&image, &remote, "v1", &chunks()).await.unwrap().sent, 4);
    assert!(!format!("{remote:?}").contains("s3cret"));
}
