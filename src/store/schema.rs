//! The tables, as both engines have them; `migrations/` makes them, a test holds them together.

diesel::table! {
    counters (name) {
        name -> Text,
        value -> BigInt,
    }
}

diesel::table! {
    accounts (id) {
        id -> BigInt,
        code -> Text,
        name -> Text,
        standing -> Text,
        from_networks -> Text,
        passwords -> Bool,
        created -> BigInt,
        done_marker -> Nullable<Text>,
        ignored -> Text,
    }
}

diesel::table! {
    users (id) {
        id -> BigInt,
        account_id -> Nullable<BigInt>,
        login -> Text,
        kind -> Text,
        role -> Text,
        standing -> Text,
        from_networks -> Text,
        display_name -> Text,
        mail -> Nullable<Text>,
        mail_preference -> Text,
        contact_id -> Nullable<BigInt>,
        created -> BigInt,
        is_asked_to_stay -> Bool,
    }
}

diesel::table! {
    credentials (id) {
        id -> BigInt,
        user_id -> BigInt,
        kind -> Text,
        verifier -> Text,
        fingerprint -> Nullable<Text>,
        label -> Text,
        created -> BigInt,
        last_used -> Nullable<BigInt>,
        must_change -> Bool,
        ends -> Nullable<BigInt>,
    }
}

diesel::table! {
    documents (sha256) {
        sha256 -> Text,
        size_bytes -> BigInt,
        octets -> Binary,
    }
}

diesel::table! {
    sessions (id) {
        id -> Text,
        client -> Text,
        remote_ip -> Text,
        key_fingerprint -> Nullable<Text>,
    }
}

diesel::table! {
    submissions (id) {
        id -> BigInt,
        number -> Text,
        account_id -> BigInt,
        user_id -> Nullable<BigInt>,
        session_id -> Nullable<Text>,
        door -> Text,
        lane -> Text,
        file_name -> Text,
        path -> Text,
        has_drop -> Bool,
        size_bytes -> BigInt,
        sha256 -> Text,
        first_byte -> BigInt,
        complete -> BigInt,
        given_up -> Nullable<Text>,
        status -> Text,
        is_held -> Bool,
        held_why -> Nullable<Text>,
        attempts -> Integer,
        claimed_by -> Nullable<Text>,
        lease_until -> Nullable<BigInt>,
        vin -> Nullable<Text>,
        vin_upper -> Nullable<Text>,
        vin_reversed -> Nullable<Text>,
        ivi_version_number -> Nullable<Integer>,
        manufacturer_stage_number -> Nullable<Integer>,
        type_approval_number -> Nullable<Text>,
        vehicle_category -> Nullable<Text>,
        decided -> Nullable<BigInt>,
        outcome -> Nullable<Text>,
        terms_version -> Nullable<BigInt>,
    }
}

diesel::table! {
    verdicts (submission_id) {
        submission_id -> BigInt,
        reason -> Nullable<Text>,
        title -> Text,
        message -> Text,
        retry -> Text,
        duplicate_of -> Nullable<Text>,
        errors -> Integer,
        warnings -> Integer,
        infos -> Integer,
        is_truncated -> Bool,
        ivi_reference_id -> Nullable<Text>,
        vehicle_type -> Nullable<Text>,
        variant -> Nullable<Text>,
        version -> Nullable<Text>,
    }
}

diesel::table! {
    findings (submission_id, position) {
        submission_id -> BigInt,
        position -> Integer,
        code -> Text,
        severity -> Text,
        layer -> Text,
        line -> Nullable<BigInt>,
        column_number -> Nullable<BigInt>,
        path -> Text,
        value -> Nullable<Text>,
        expected -> Nullable<Text>,
        message -> Text,
        help -> Text,
    }
}

diesel::table! {
    records (submission_id) {
        submission_id -> BigInt,
        account_id -> BigInt,
        vin -> Text,
        ivi_version_number -> Integer,
        manufacturer_stage_number -> Integer,
        ivi_reference_id -> Nullable<Text>,
        type_approval_number -> Nullable<Text>,
        recorded -> BigInt,
    }
}

diesel::table! {
    receipts (submission_id) {
        submission_id -> BigInt,
        receipt_id -> Text,
        json -> Text,
        answered -> Nullable<BigInt>,
    }
}

diesel::table! {
    drops (account_id, path) {
        account_id -> BigInt,
        path -> Text,
        inode -> BigInt,
        size_bytes -> BigInt,
        modified_ns -> BigInt,
        sha256 -> Text,
        submission_id -> BigInt,
    }
}

diesel::table! {
    notices (id) {
        id -> BigInt,
        submission_id -> BigInt,
        account_id -> BigInt,
        is_failure -> Bool,
        decided -> BigInt,
        closed -> Nullable<BigInt>,
        summed -> Nullable<BigInt>,
    }
}

diesel::table! {
    mails (id) {
        id -> BigInt,
        recipient -> Text,
        user_id -> Nullable<BigInt>,
        account_id -> Nullable<BigInt>,
        message_id -> Text,
        reference_ids -> Nullable<Text>,
        subject -> Text,
        text_body -> Text,
        html_body -> Text,
        csv -> Nullable<Text>,
        status -> Text,
        attempts -> Integer,
        next_attempt -> Nullable<BigInt>,
        lease_until -> Nullable<BigInt>,
        created -> BigInt,
        last_answer -> Nullable<Text>,
        retried -> Nullable<BigInt>,
    }
}

diesel::table! {
    mail_attempts (mail_id, started) {
        mail_id -> BigInt,
        started -> BigInt,
        duration_ms -> BigInt,
        is_success -> Bool,
        answer -> Text,
    }
}

diesel::table! {
    web_sessions (token) {
        token -> Text,
        user_id -> BigInt,
        csrf -> Text,
        created -> BigInt,
        seen -> BigInt,
        is_kept -> Bool,
    }
}

diesel::table! {
    registrations (id) {
        id -> BigInt,
        reference -> Text,
        first_name -> Text,
        last_name -> Text,
        mail -> Text,
        manufacturer -> Text,
        status -> Text,
        created -> BigInt,
        confirmed -> Nullable<BigInt>,
        decided -> Nullable<BigInt>,
        reason -> Nullable<Text>,
        account_id -> Nullable<BigInt>,
    }
}

diesel::table! {
    links (token) {
        token -> Text,
        purpose -> Text,
        registration_id -> Nullable<BigInt>,
        user_id -> Nullable<BigInt>,
        ends -> BigInt,
        used -> Nullable<BigInt>,
    }
}

diesel::table! {
    invitations (id) {
        id -> BigInt,
        user_id -> BigInt,
        invited_by -> Text,
        created -> BigInt,
    }
}

diesel::table! {
    terms (version) {
        version -> BigInt,
        body -> Text,
        published -> BigInt,
    }
}

diesel::table! {
    agreements (user_id, version) {
        user_id -> BigInt,
        version -> BigInt,
        by_user_id -> BigInt,
        agreed -> BigInt,
    }
}

diesel::table! {
    challenges (token) {
        token -> Text,
        answer -> Text,
        created -> BigInt,
        tries -> Integer,
    }
}

diesel::table! {
    audit (id) {
        id -> BigInt,
        deed -> Text,
        at -> BigInt,
        actor -> Text,
        action -> Text,
        subject -> Text,
        details -> Text,
        remote_ip -> Nullable<Text>,
        digest -> Text,
    }
}

diesel::table! {
    refusals (id) {
        id -> BigInt,
        account_id -> Nullable<BigInt>,
        login -> Text,
        reason -> Text,
        detail -> Text,
        fingerprint -> Nullable<Text>,
        client -> Text,
        remote_ip -> Text,
        first -> BigInt,
        last -> BigInt,
        times -> BigInt,
    }
}

diesel::table! {
    visits (id) {
        id -> Text,
        node -> Text,
        account_id -> BigInt,
        user_id -> BigInt,
        client -> Text,
        remote_ip -> Text,
        credential -> Text,
        began -> BigInt,
        last_request -> BigInt,
        files -> BigInt,
        octets -> BigInt,
        is_end_asked -> Bool,
    }
}

diesel::table! {
    uploads (id) {
        id -> BigInt,
        number -> Text,
        account_id -> BigInt,
        user_id -> BigInt,
        created -> BigInt,
        waiting_bytes -> BigInt,
        sent -> Nullable<BigInt>,
        lane -> Nullable<Text>,
        taken -> Nullable<BigInt>,
        in_hand -> Nullable<BigInt>,
    }
}

diesel::table! {
    upload_files (id) {
        id -> Text,
        upload_id -> BigInt,
        file_name -> Text,
        size_bytes -> BigInt,
        sha256 -> Nullable<Text>,
        octets -> Nullable<Binary>,
        refusal -> Nullable<Text>,
        added -> BigInt,
        submission_id -> Nullable<BigInt>,
    }
}

diesel::table! {
    rejections (submission_id) {
        submission_id -> BigInt,
        sentence -> Text,
    }
}

diesel::table! {
    fixed_addresses (account_id, mail) {
        account_id -> BigInt,
        mail -> Text,
        mail_preference -> Text,
        created -> BigInt,
    }
}

diesel::table! {
    known_addresses (address) {
        address -> Text,
        seen -> BigInt,
    }
}

diesel::joinable!(upload_files -> uploads (upload_id));
diesel::joinable!(refusals -> accounts (account_id));
diesel::joinable!(visits -> accounts (account_id));
diesel::joinable!(visits -> users (user_id));
diesel::joinable!(users -> accounts (account_id));
diesel::joinable!(credentials -> users (user_id));
diesel::joinable!(invitations -> users (user_id));
diesel::joinable!(submissions -> accounts (account_id));
diesel::joinable!(submissions -> users (user_id));
diesel::joinable!(submissions -> sessions (session_id));
diesel::joinable!(submissions -> documents (sha256));
diesel::joinable!(verdicts -> submissions (submission_id));
diesel::joinable!(findings -> submissions (submission_id));
diesel::joinable!(records -> submissions (submission_id));
diesel::joinable!(receipts -> submissions (submission_id));
diesel::joinable!(drops -> submissions (submission_id));
diesel::joinable!(notices -> submissions (submission_id));
diesel::joinable!(mail_attempts -> mails (mail_id));
diesel::joinable!(rejections -> submissions (submission_id));

diesel::allow_tables_to_appear_in_same_query!(
    counters,
    accounts,
    users,
    credentials,
    documents,
    sessions,
    submissions,
    verdicts,
    findings,
    records,
    receipts,
    drops,
    notices,
    mails,
    mail_attempts,
    web_sessions,
    registrations,
    links,
    invitations,
    terms,
    agreements,
    challenges,
    audit,
    refusals,
    visits,
    uploads,
    upload_files,
    rejections,
    fixed_addresses,
    known_addresses,
);
